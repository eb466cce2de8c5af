// Import rules: the architecture as checks. A rule's comment says why it is one.
const tests = '\\.(test|prop\\.test|browser\\.test)\\.ts$|/testing/';

/** @type {Omit<import('dependency-cruiser').IForbiddenRuleType, 'severity'>[]} */
const rules = [
  {
    name: 'no-cycles',
    comment: 'A cycle means that two files are one, or that a type is in the wrong place.',
    from: {},
    to: { circular: true },
  },
  {
    name: 'model-is-data',
    comment:
      'The model says what plans and documents hold. It imports itself and zod: no clock, no chance, no input or output.',
    from: { path: '^bench/model/', pathNot: tests },
    to: { pathNot: '^bench/model/|node_modules/zod/' },
  },
  {
    name: 'measure-is-pure',
    comment: 'Measuring computes on the times it is given; it does not judge what it measured.',
    from: { path: '^bench/measure/', pathNot: tests },
    to: { pathNot: '^bench/(model|measure)/|node_modules/(hdr-histogram-js|zod)/' },
  },
  {
    name: 'judge-is-pure',
    comment: 'A verdict follows from what was measured and from the plan, and from nothing else.',
    from: { path: '^bench/judge/', pathNot: tests },
    to: { pathNot: '^bench/(model|measure|judge)/|node_modules/(hdr-histogram-js|zod)/' },
  },
  {
    name: 'drive-acts-through-ports',
    comment: 'Driving is written against ports, so it runs on virtual time and links in memory too.',
    from: { path: '^bench/drive/', pathNot: tests },
    to: { pathNot: '^bench/(model|measure|judge|drive)/|^bench/ports\\.ts$|node_modules/p-limit/' },
  },
  {
    name: 'sim-needs-no-machine',
    comment:
      'A simulation that reached a socket, a process or a real clock would no longer repeat. It is driver and stage together.',
    from: { path: '^bench/sim/', pathNot: tests },
    to: {
      pathNot:
        '^bench/(model|measure|judge|drive|sim)/|^bench/ports\\.ts$|^stack/local/(simulated/|gateway/(gateway|connection)\\.ts$|(profile|quirks)\\.ts$)',
    },
  },
  {
    name: 'simulated-stage-needs-no-machine',
    comment:
      'The core of the local stage runs without its edges: sockets, the port, processes, and what is served on them.',
    from: { path: '^stack/local/(simulated|account)/', pathNot: tests },
    to: {
      path: '^stack/local/(gateway/sockets|front|local-aws|stage|serve|child|function/(environment|function-code))\\.ts$',
    },
  },
  {
    name: 'node-stands-alone',
    comment:
      'Each file wraps one facility of Node or a vendor for the ports; composing them is the commands’ work.',
    from: { path: '^bench/node/', pathNot: tests },
    to: {
      path: '^(bench|stack|reports|scripts)/',
      pathNot: '^bench/(model|measure|judge|node)/|^bench/ports\\.ts$',
    },
  },
  {
    name: 'only-the-composition-root-reports',
    comment: 'Reports read data that was written; nothing that measures may depend on how it is shown.',
    from: { pathNot: '^reports/|^bench/cli(\\.ts$|/)|^scripts/|\\.test\\.ts$' },
    to: { path: '^reports/' },
  },
  {
    name: 'reports-read-data-only',
    comment:
      'From the product, reports know the types of results and plans, the laws that results obey, how prices are named, and what goals and bounds mean.',
    from: { path: '^reports/', pathNot: tests },
    to: {
      path: '^(bench|stack|scripts)/',
      pathNot:
        '^bench/model/|^bench/judge/(conservation|capacity|sweep/grid|losses|ordering-bound|judged-latency)\\.ts$|^bench/node/(bounded-file|swept-run)\\.ts$',
    },
  },
  {
    name: 'stage-does-not-know-the-driver',
    comment:
      'The local stage shares ports, profiles’ and prices’ names, the kinds of error, the grammar of stages, seeded chance and the sense for typing errors with the driver, so that neither can flatter the other.',
    from: { path: '^stack/', pathNot: tests },
    to: {
      path: '^(bench|reports|scripts)/',
      pathNot:
        '^bench/model/(failure|result|plan|prices-text|fault|near-miss|readiness-state|stage-name)\\.ts$|^bench/measure/random\\.ts$|^bench/ports\\.ts$|^bench/node/(clock|bounded-file|node-version)\\.ts$',
    },
  },
  {
    name: 'ports-name-data-only',
    comment:
      'Ports are types in the words of the model and of measuring, so whatever implements them needs nothing else.',
    from: { path: '^bench/ports\\.ts$' },
    to: { pathNot: '^bench/(model|measure)/' },
  },
  {
    name: 'commands-compose-without-showing',
    comment:
      'A command composes what measures and what is measured; how that is said is for the command line and reports.',
    from: { path: '^bench/command/', pathNot: tests },
    to: { path: '^(reports|scripts|bench/cli)/' },
  },
  {
    name: 'fleets-know-no-driver',
    comment: 'A fleet submits, collects and merges; driving is each worker’s, by the commands.',
    from: { path: '^bench/fleet/', pathNot: tests },
    to: {
      path: '^(bench|stack)/',
      pathNot: '^bench/(model|measure|judge|node|fleet)/|^bench/ports\\.ts$|^stack/(aws|template)/',
    },
  },
  {
    name: 'the-command-line-has-no-effects',
    comment:
      'The command line parses, calls a command and shows what it returns; sockets and AWS are behind commands.',
    from: { path: '^bench/(cli(\\.ts$|/)|bench\\.mjs$)', pathNot: tests },
    to: {
      path: '^(node:)?(net|http|https|tls|child_process|worker_threads)$|@aws-sdk/|^bench/(sim|drive)/',
    },
  },
  {
    name: 'templates-are-read-once',
    comment: 'One reader of CloudFormation serves the local stage and AWS, so it knows neither.',
    from: { path: '^stack/template/', pathNot: tests },
    to: {
      path: '^stack/',
      pathNot: '^stack/template/|^stack/local/meters\\.ts$',
    },
  },
  {
    name: 'aws-and-the-local-stage-stand-apart',
    comment: 'What is said of AWS must not be taken from what imitates it, nor the other way round.',
    from: { path: '^stack/(aws|local)/', pathNot: tests },
    to: { path: '^stack/(aws|local)/', pathNot: '^stack/$1/' },
  },
  {
    name: 'statistics-are-pure',
    comment: 'Statistics compute on histograms and numbers, with chance as a parameter.',
    from: { path: '^reports/statistics/', pathNot: tests },
    to: { pathNot: '^reports/statistics/|node_modules/hdr-histogram-js/' },
  },
  {
    name: 'the-document-model-knows-no-document',
    comment: 'Renderers show blocks; what a block says of a run or a sweep is its document’s.',
    from: { path: '^reports/document/', pathNot: tests },
    to: { path: '^reports/(run|sweep|compare|history|claims|capacity|fleet|statistics)/' },
  },
  {
    name: 'stage-core-takes-no-machine',
    comment:
      'Sockets, processes, clocks and files are at the edges of the local stage; the rest runs on virtual time.',
    from: {
      path: '^stack/local/\\w+/',
      pathNot: `^stack/local/(endpoints/|function/(environment|function-code|runtime-api)\\.ts$|function/.*\\.mjs$|gateway/(sockets|callbacks)\\.ts$)|${tests}`,
    },
    to: {
      path: '^(node:)?(net|http|http2|https|tls|dns|os|fs|fs/promises|child_process|worker_threads|timers|timers/promises|perf_hooks|process)$',
    },
  },
  {
    name: 'nothing-needs-a-test',
    comment: 'What tests share is in testing/.',
    from: { path: '^(bench|stack|reports|scripts)/', pathNot: tests },
    to: { path: '\\.test\\.ts$' },
  },
  {
    name: 'parts-of-a-script-are-its-own',
    comment: 'What two scripts share is the product’s, in testing/, or stands beside them.',
    from: { path: '^scripts/([^/]+)/', pathNot: tests },
    to: { path: '^scripts/[^/]+/', pathNot: '^scripts/$1/' },
  },
  {
    name: 'scripts-take-the-products-way',
    comment:
      'Flags, progress and sockets of scripts are the product’s; only what races the driver has sockets of its own.',
    from: { path: '^scripts/', pathNot: `^scripts/driver-bench/|${tests}` },
    to: { path: 'node_modules/(yargs|cli-progress|ws|@types/ws)/' },
  },
  {
    name: 'nothing-needs-a-script',
    comment: 'Scripts are not published.',
    from: { path: '^(bench|stack|reports)/' },
    to: { path: '^scripts/' },
  },
  {
    name: 'testing-is-for-tests',
    comment: 'What only tests, proofs and scripts use is not published.',
    from: { path: '^(bench|stack|reports)/', pathNot: `proof|${tests}` },
    to: { path: '/testing/' },
  },
  {
    name: 'one-importer-ws-client',
    comment: 'The driver’s sockets have one home.',
    from: { path: '^bench/', pathNot: `^bench/node/ws-connection\\.ts$|${tests}` },
    to: { path: 'node_modules/(ws|@types/ws)/' },
  },
  {
    name: 'one-importer-yargs',
    comment: 'The command line has one home.',
    from: { pathNot: '^bench/cli(\\.ts$|/)' },
    to: { path: 'node_modules/(yargs|@types/yargs)/' },
  },
  {
    name: 'no-unresolvable',
    comment: 'An import that leads nowhere fails at run time.',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'no-dev-dependencies-in-the-product',
    comment: 'What the product needs at run time must be installed with it.',
    from: { path: '^(bench|stack|reports)/', pathNot: tests },
    to: {
      dependencyTypes: ['npm-dev'],
      dependencyTypesNot: ['type-only'],
      pathNot: 'node_modules/@types/',
    },
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: rules.map((rule) => ({ ...rule, severity: 'error' })),
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
    exclude: { path: '^reports/runs/' },
  },
};
