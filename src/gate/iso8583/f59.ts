// Which device speaks, and from where: F59 as terminals send it with every transaction – elements of a tag (two
// characters), a length (two digits) and a value. 17 is the position, A2 the device, itself made of such elements.
// What does not read as elements tells nothing; it is not a fault, since vendors put other things here.

export type DeviceWords = {
  /** Tag 02 of A2: the serial number (TUSN). */
  readonly serial?: string
  /** Tag 01 of A2, such as 04 for a smart POS. */
  readonly deviceType?: string
  /** Tag 05 of A2. */
  readonly version?: string
  /** Degrees as they were sent: the letters before them (`from`, such as BD) name who measured, and nothing is converted. */
  readonly position?: { readonly latitude: number; readonly longitude: number; readonly from: string }
}

/** The elements of a text; undefined where it is not made of elements to its end. */
function elementsOf(text: string): Map<string, string> | undefined {
  const elements = new Map<string, string>()
  for (let at = 0; at < text.length; ) {
    const length = Number(text.slice(at + 2, at + 4).match(/^\d\d$/)?.[0] ?? Number.NaN)
    const end = at + 4 + length
    if (!(end <= text.length)) return undefined
    elements.set(text.slice(at, at + 2), text.slice(at + 4, end))
    at = end
  }
  return elements
}

const degrees = /^([A-Za-z]{0,4})([+-]?\d{1,2}(?:\.\d{1,10})?)[,/]\s?([+-]?\d{1,3}(?:\.\d{1,10})?)$/
function positionIn(text: string): DeviceWords['position'] {
  const found = degrees.exec(text.trim())
  if (!found) return undefined
  const [, from = '', latitude, longitude] = found
  const position = { latitude: Number(latitude), longitude: Number(longitude), from }
  return Math.abs(position.latitude) <= 90 && Math.abs(position.longitude) <= 180 ? position : undefined
}

/** What F59 says of the device; empty where it says nothing we can read. */
export function readDevice(f59: string): DeviceWords {
  const elements = elementsOf(f59)
  if (!elements) return {}
  const device = elementsOf(elements.get('A2') ?? '')
  const said: { -readonly [K in keyof DeviceWords]: DeviceWords[K] } = {}
  const serial = device?.get('02')?.trim()
  const deviceType = device?.get('01')
  const version = device?.get('05')?.trim()
  const position = positionIn(elements.get('17') ?? '')
  if (serial) said.serial = serial
  if (deviceType) said.deviceType = deviceType
  if (version) said.version = version
  if (position) said.position = position
  return said
}

const element = (tag: string, value: string): string => `${tag}${String(value.length).padStart(2, '0')}${value}`

/** F59 as a terminal would send it. Undefined where a value is too long for its two digits. */
export function writeDevice({ serial, deviceType, version, position }: DeviceWords): string | undefined {
  const device = [
    deviceType === undefined ? '' : element('01', deviceType),
    serial === undefined ? '' : element('02', serial),
    version === undefined ? '' : element('05', version),
  ].join('')
  const parts = [
    position === undefined ? '' : element('17', `${position.from}${position.latitude},${position.longitude}`),
    device === '' ? '' : element('A2', device),
  ]
  return [serial, version, device].every((text) => (text ?? '').length < 100) ? parts.join('') : undefined
}
