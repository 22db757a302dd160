declare module 'des.js' {
  export type Cipher = { update(bytes: readonly number[]): number[]; final(): number[] }
  type Options = { type: 'encrypt' | 'decrypt'; key: readonly number[]; iv?: readonly number[]; padding?: boolean }
  type Making = { create(options: Options): Cipher }
  export const EDE: Making
  export const CBC: { instantiate(base: Making): Making }
}
