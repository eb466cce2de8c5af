/** `bench doctor`. */
import { DOCTOR_FLAGS, doctorCommand } from '../command/doctor.ts';
import { type Verb, verb } from './verb.ts';

export const verbs: readonly Verb[] = [
  verb({
    usage: 'doctor',
    help: 'check whether this machine is fit for a run',
    flags: DOCTOR_FLAGS,
    run: doctorCommand,
  }),
];
