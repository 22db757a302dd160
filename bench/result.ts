/** What every bench says: a measured value, the reference measured in the same run, and their ratio. */
export type Result = {
  name: string
  value: number
  unit: string
  reference?: number | undefined
  ratio?: number | undefined
  /** What quality.md asks of the ratio or value, in words. */
  reach?: string | undefined
  detail?: Readonly<Record<string, unknown>> | undefined
}
export type Options = { rows?: number | undefined; seconds?: number | undefined }
export type Bench = (options: Options) => Promise<Result | Result[]>
