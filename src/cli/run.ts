// One line, from its words to its exit code. Everything that can go wrong ends here, as a sentence or as problem+json.
import { CommanderError } from 'commander'
import { faultJson, faultLines, Refused, wrong, type Fault } from './refused.ts'
import { faultOf, languageIn, programOf } from './program.ts'
import { openSession, type Screen } from './session.ts'
import { settingsOf, type Environment } from './settings.ts'

/** Runs a line and answers the exit code; 1 for every no. */
export async function run(argv: readonly string[], env: Environment, screen: Screen): Promise<number> {
  const language = languageIn(argv)
  const isJson = argv.includes('--json')
  let code: number = 0
  const program = programOf(language, screen, async ({ command, given, options }) => {
    const session = openSession(settingsOf(options, env), screen)
    if (session.isDry && command.dryRun === 'cannot') throw wrong('这件事不能预演。', 'This cannot be rehearsed.')
    code = await command.run(session, given)
    if (session.isDry && command.dryRun === 'rehearsed')
      session.note('以上只是预演，没有改变任何事。', 'This was a rehearsal; nothing was changed.')
  })
  try {
    if (argv.length === 0) screen.write(program.helpInformation())
    else await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    const fault =
      error instanceof CommanderError ? lineFault(error) : error instanceof Refused ? error.fault : unexpected(error)
    if (fault === undefined) return 0
    screen.note(
      isJson
        ? `${faultJson(fault, language)}\n`
        : `${faultLines(fault, language)
            .map((line, i) => (i === 0 ? screen.paint('bad', line) : line))
            .join('\n')}\n`,
    )
    return 1
  }
}

/** Undefined where commander only stopped because it had shown its help. */
function lineFault(error: CommanderError): Fault | undefined {
  if (error.exitCode === 0) return undefined
  if (error.code === 'commander.help')
    return {
      code: 'command_line',
      says: ['请写完整的命令，--help 有说明。', 'Please name the whole command; --help tells which there are.'],
    }
  const [zh, en] = faultOf(error)
  return { code: 'command_line', says: [`${zh} --help 有说明。`, `${en} See --help.`] }
}

/** A fault of ours: said plainly, without its innards. */
const unexpected = (error: unknown): Fault => {
  const what = error instanceof Error ? error.message : String(error)
  return { code: 'internal', says: [`命令行出错：${what}`, `The command line failed: ${what}`] }
}
