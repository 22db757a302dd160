// Imports point one way: main → {http, jobs, gate, cli, demo} → app → store → domain.
// A folder may import what its row names (folders, or single files), itself, and nothing else of ours; adding a folder is
// adding a row.

/** Folder of src → the folders and files of src it may import. What several rows share is said once. */
const domain = ['domain']
const store = ['store', ...domain]
const app = ['app', 'documents', 'files', 'journal', 'settlement', 'telling', ...store]
const mayImport = {
  domain: [],
  postgres: [],
  client: [],
  journal: [],
  documents: domain,
  files: domain,
  settlement: ['files', ...domain],
  telling: domain,
  store: domain,
  gate: app,
  app,
  jobs: app,
  http: [...app, 'jobs', 'gate'],
  demo: [...app, 'jobs', 'gate'],
  // The walks hand in settlement files as others would write them.
  cli: ['client', 'journal', 'gate/iso8583', 'gate/front/terminal.ts', 'settlement/written.ts', 'domain/vocabulary.ts'],
}

/** The few packages the pure part may use; everything else there is ours. */
const pureLibraries = '^(node_modules/)?(zod|temporal-polyfill|chinese-days|dinero\\.js)(/|$)'
const tests = '\\.test\\.ts$'

/** A folder with all that is in it, or one file. */
const within = (one) => (one.endsWith('.ts') ? `${one.replaceAll('.', '\\.')}$` : `${one}/`)

const folderRules = Object.entries(mayImport).map(([folder, others]) => ({
  name: `${folder}-imports-only`,
  comment: `src/${folder} may import ${others.length ? others.map((one) => `src/${one}`).join(', ') : 'nothing of ours but itself'}.`,
  severity: 'error',
  from: { path: `^src/${folder}/`, pathNot: tests },
  to: { path: '^(src|bench|test)/', pathNot: `^src/(${[folder, ...others].map(within).join('|')})|^src/(config|limits)\\.ts$` },
}))

module.exports = {
  forbidden: [
    ...folderRules,
    {
      name: 'domain-is-pure',
      comment:
        'src/domain computes: no Node, no network, no package but the pure ones; time and identifiers are arguments.',
      severity: 'error',
      from: { path: '^src/domain/', pathNot: tests },
      to: { pathNot: `^src/domain/|${pureLibraries}` },
    },
    {
      name: 'screens-import-only',
      comment: 'The screens know the contract, the words and, for the virtual terminal, the wire; nothing that runs on the server.',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^(src|bench|test)/', pathNot: '^src/(client|domain)/|^src/gate/(iso8583/|front/terminal\\.ts$)' },
    },
    {
      name: 'iso8583-is-its-own',
      comment: 'The wire format knows nothing of Tingqi.',
      severity: 'error',
      from: { path: '^src/gate/iso8583/', pathNot: tests },
      to: { path: '^src/', pathNot: '^src/gate/iso8583/' },
    },
    {
      name: 'nothing-imports-main',
      severity: 'error',
      from: {},
      to: { path: '^src/main\\.ts$' },
    },
    {
      name: 'no-tests-in-the-program',
      severity: 'error',
      from: { path: '^(src|scripts|bench)/', pathNot: `${tests}|^scripts/(screenshots|paint)\\.ts$` },
      to: { path: `${tests}|^test/` },
    },
    {
      name: 'no-cycles',
      comment:
        'Two files that need each other are one idea or three. Types alone may go round: they are gone at run time.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'nothing-missing',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-development-packages-in-the-program',
      severity: 'error',
      from: { path: '^src/', pathNot: `${tests}|\\.fixtures\\.ts$` },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)generated/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
