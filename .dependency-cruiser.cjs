// Import rules: the architecture as checks. A rule's comment says why it is one.
const tests = '\\.(test|prop\\.test|browser\\.test)\\.ts$|/fixtures?/|fixture\\.ts$|/testing/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle means that two files are one, or that a type is in the wrong place.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'model-is-data',
      comment:
        'The model says what plans and documents hold. It imports itself and zod: no clock, no chance, no input or output.',
      severity: 'error',
      from: { path: '^bench/model/', pathNot: tests },
      to: { pathNot: '^bench/model/|node_modules/zod/' },
    },
    {
      name: 'measure-is-pure',
      comment: 'Measuring computes on the times it is given; it does not judge what it measured.',
      severity: 'error',
      from: { path: '^bench/measure/', pathNot: tests },
      to: { pathNot: '^bench/(model|measure)/|node_modules/(hdr-histogram-js|zod)/' },
    },
    {
      name: 'judge-is-pure',
      comment: 'A verdict follows from what was measured and from the plan, and from nothing else.',
      severity: 'error',
      from: { path: '^bench/judge/', pathNot: tests },
      to: { pathNot: '^bench/(model|measure|judge)/|node_modules/(hdr-histogram-js|zod)/' },
    },
    {
      name: 'drive-acts-through-ports',
      comment: 'Driving is written against ports, so it runs on virtual time and links in memory too.',
      severity: 'error',
      from: { path: '^bench/drive/', pathNot: tests },
      to: { pathNot: '^bench/(model|measure|judge|drive)/|^bench/ports\\.ts$|node_modules/p-limit/' },
    },
    {
      name: 'sim-needs-no-machine',
      comment:
        'A simulation that reached a socket, a process or a real clock would no longer repeat. It is driver and stage together.',
      severity: 'error',
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
      severity: 'error',
      from: { path: '^stack/local/(simulated|account)/', pathNot: tests },
      to: {
        path: '^stack/local/(gateway/sockets|front|local-aws|stage|serve|child|function/(environment|process-runtime|function-code))\\.ts$',
      },
    },
    {
      name: 'node-stands-alone',
      comment:
        'Each file wraps one facility of Node or a vendor for the ports; composing them is the commands’ work.',
      severity: 'error',
      from: { path: '^bench/node/', pathNot: tests },
      to: {
        path: '^(bench|stack|reports|scripts)/',
        pathNot: '^bench/(model|measure|judge|node)/|^bench/ports\\.ts$',
      },
    },
    {
      name: 'only-the-composition-root-reports',
      comment: 'Reports read data that was written; nothing that measures may depend on how it is shown.',
      severity: 'error',
      from: { pathNot: '^reports/|^bench/cli(\\.ts$|/)|^scripts/|\\.test\\.ts$' },
      to: { path: '^reports/' },
    },
    {
      name: 'reports-read-data-only',
      comment:
        'From the product, reports know the types of results and plans, the laws that results obey, how prices are named, and what goals and bounds mean.',
      severity: 'error',
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
      severity: 'error',
      from: { path: '^stack/', pathNot: tests },
      to: {
        path: '^(bench|reports|scripts)/',
        pathNot:
          '^bench/model/(failure|result|plan|prices-text|fault|near-miss|readiness-state|stage-name)\\.ts$|^bench/measure/random\\.ts$|^bench/ports\\.ts$|^bench/node/(clock|bounded-file|node-version)\\.ts$',
      },
    },
    {
      name: 'testing-is-for-tests',
      comment: 'What only tests, proofs and scripts use is not published.',
      severity: 'error',
      from: { path: '^(bench|stack|reports)/', pathNot: `proof|-test-bed\\.ts$|${tests}` },
      to: { path: '/testing/' },
    },
    {
      name: 'one-importer-ws-client',
      severity: 'error',
      comment: 'The driver’s sockets have one home.',
      from: { path: '^bench/', pathNot: `^bench/node/ws-connection\\.ts$|${tests}` },
      to: { path: 'node_modules/(ws|@types/ws)/' },
    },
    {
      name: 'one-importer-yargs',
      severity: 'error',
      comment: 'The command line has one home.',
      from: { pathNot: '^bench/cli(\\.ts$|/)' },
      to: { path: 'node_modules/(yargs|@types/yargs)/' },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      comment: 'An import that leads nowhere fails at run time.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-dependencies-in-the-product',
      severity: 'error',
      comment: 'What the product needs at run time must be installed with it.',
      from: { path: '^(bench|stack|reports)/', pathNot: tests },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
        pathNot: 'node_modules/@types/',
      },
    },
  ],
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
