// The codec of the gate works on Node's buffers. Here is the same class for a browser; imported before anything of the gate.
import { Buffer } from 'buffer'

Object.assign(globalThis, { Buffer })
