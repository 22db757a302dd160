/** The name a living process is known by: process id, start tick and boot. */
export function ownerName(pid?: number): string
export function ownerPid(name: string): number
/** Whether the very process of that name still runs; a later process with the same id does not count. */
export function isAlive(name: string): boolean
/** Takes the lock at `path`, or says which living process has it. Never waits. */
export function takeLock(path: string): { release: () => void } | { heldBy: number }
