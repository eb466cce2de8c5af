/**
 * A world: a template deployed on a stage without a machine, and a dialer that reaches it, all on one virtual clock and
 * from one seed. What drives it sees a {@link Stage} and a {@link Dialer} like any other.
 */
import { profileWith } from '../../stack/local/profile.ts';
import { NO_QUIRKS, type Quirks } from '../../stack/local/quirks.ts';
import {
  type FunctionKind,
  type SimulatedStage,
  startSimulatedStage,
} from '../../stack/local/simulated/simulated-stage.ts';
import { seededRandom } from '../measure/random.ts';
import type { Plan } from '../model/plan.ts';
import type { Clock, Readiness, Stage } from '../ports.ts';
import { LinkDialer, type LinkTap, WIRE_MS } from './link.ts';

export interface WorldOptions {
  readonly plan: Plan;
  readonly templateText: string;
  /** For messages about the template. */
  readonly templatePath: string;
  readonly functions: FunctionKind;
  readonly log: (line: string) => void;
  /** What AWS may do; none of it when left out. */
  readonly quirks?: Quirks;
  /** What must be seen of the stage before it is driven; one echo when left out. */
  readonly readiness?: (simulated: SimulatedStage) => Readiness;
  readonly tap?: LinkTap;
}

/** As for a deployed stack. */
const ECHO_WITHIN_MS = 300_000;

/** Name of the stack, as the local stage calls its own. */
const STACK_NAME = 'local';

const NOTES = [
  'Simulated on a virtual clock: latencies are the profile’s, and no machine was measured.',
  `The network between driver and stage takes ${WIRE_MS} ms each way.`,
];

export class World {
  readonly stage: Stage;
  readonly dialer: LinkDialer;
  /** The parts behind the stage, for checks that look at both sides. */
  readonly simulated: SimulatedStage;

  private constructor(clock: Clock, simulated: SimulatedStage, { plan, tap, readiness }: WorldOptions) {
    const { gateway, path, stack, notes, faults } = simulated;
    this.simulated = simulated;
    this.dialer = new LinkDialer({ clock, gateway, tap });
    this.stage = {
      facts: {
        kind: 'local',
        url: `ws://simulated${path}`,
        name: STACK_NAME,
        region: stack.region,
        parameters: stack.parameters,
        profile: plan.profile,
        notes: [...NOTES, ...notes],
      },
      hasMetrics: true,
      ...(readiness === undefined ? {} : { readiness: readiness(simulated), echoWithinMs: ECHO_WITHIN_MS }),
      metrics: async (startEpochMs, endEpochMs) => simulated.metrics(startEpochMs, endEpochMs),
      ...(faults === null
        ? {}
        : {
            measuring: (fromEpochMs: number) => faults.measuring(fromEpochMs),
            faults: async () => faults.tallies(),
          }),
      close: () => simulated.close(),
    };
  }

  /** Deploys the template. Rejects with an error that has `problems` when it or its parameters must be changed. */
  static async open(clock: Clock, options: WorldOptions): Promise<World> {
    const { plan, templateText, templatePath, functions, log, quirks = NO_QUIRKS } = options;
    const simulated = await startSimulatedStage({
      templateText,
      templatePath,
      stackName: STACK_NAME,
      parameters: plan.parameters,
      profile: profileWith({ name: plan.profile, dispatch: plan.dispatch, quirks }),
      clock,
      random: seededRandom(plan.seed),
      functions,
      faults: plan.faults,
      log,
    });
    return new World(clock, simulated, options);
  }
}
