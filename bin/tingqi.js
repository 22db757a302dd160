#!/usr/bin/env node
// `tingqi …` on any Node: the command line of src/cli, on the Node this project brings.
process.argv.splice(2, 0, 'cli')
await import('../scripts/bootstrap.js')
