/**
 * An error on its way to the wire, with the names that the several protocols call it by. A service's model may name an
 * error's shape and its Query code differently (`ResourceNotFound` is the Query code of CloudWatch's
 * `DashboardNotFoundError`); an action may use either, and each protocol picks its own.
 */
import { AwsError } from './action.ts';
import type { ServiceModel } from './service-model.ts';

export interface Fault {
  readonly shapeName: string;
  readonly queryCode: string;
  readonly status: number;
  readonly message: string;
  readonly messageMember: string;
}

/** The fault that an error of a service is; the model's status, where there is one, wins over the error's. */
export function faultOf(service: ServiceModel | null, error: AwsError): Fault {
  const { code, message } = error;
  const errors = service?.errors ?? [];
  const model =
    errors.find(({ shapeName }) => shapeName === code) ?? errors.find(({ queryCode }) => queryCode === code);
  return {
    shapeName: model?.shapeName ?? code,
    queryCode: model?.queryCode ?? code,
    status: model?.status ?? error.status,
    message,
    messageMember: model?.messageMember ?? 'message',
  };
}

/** Whose fault it is, as Query answers and the `x-amzn-query-error` header put it. */
export function blame(fault: Fault): 'Sender' | 'Receiver' {
  return fault.status < 500 ? 'Sender' : 'Receiver';
}

/** What a client is told of an exception that nobody foresaw: nothing. */
export const INTERNAL_FAILURE = new AwsError('InternalFailure', 'internal error', 500);
