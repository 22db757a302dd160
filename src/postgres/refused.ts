/** What keeps the embedded PostgreSQL from starting, in a sentence for the person who started it. Not a bug. */
export class StartRefused extends Error {
  readonly reason: StartRefusal
  constructor(reason: StartRefusal, sentence: string) {
    super(sentence)
    this.name = 'StartRefused'
    this.reason = reason
  }
}

export type StartRefusal =
  | 'unsupported_platform'
  | 'no_account'
  | 'owned_by_another_process'
  | 'owned_by_another_user'
  | 'other_version'
  | 'password_lost'
  | 'port_taken'
  | 'did_not_start'
  | 'orphan_would_not_stop'
