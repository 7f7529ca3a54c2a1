import type { Call } from '../call.js';
import type { ProxyDependencies } from '../dependencies.js';
import { createMeter } from '../metering/create-meter.js';
import type { Meter } from '../metering/meter.js';
import { showsThinking } from '../metering/shows-thinking.js';
import { once } from '../once.js';
import type { BodyHold } from '../reading/body-memory.js';
import type { Upload } from '../reading/read-upload.js';
import type { Reservation } from './admit.js';

/** A request as it will be sent, and what will read the usage in its answer. */
export interface ComposedRequest {
  readonly content: ComposedContent;
  readonly meter: Meter;
}

export type ComposedContent =
  | {
      readonly kind: 'json';
      /** Gives the body away: nothing here keeps it while it is answered. Called once. */
      readonly takeBody: () => Buffer;
      /** Given back as soon as it is sent. */
      readonly hold: BodyHold;
    }
  | { readonly kind: 'upload'; readonly upload: Upload };

/**
 * Writes the request for what was set aside: with every bound written in that its estimate relies on, and, where the
 * budget had less left than the estimate, made to fit. Of a streamed chat the usage is asked for.
 *
 * @throws Denied when a large body would have to be made to fit, and cannot be; the request does not count then
 */
export async function composeRequest(
  { settler }: Pick<ProxyDependencies, 'settler'>,
  { match, model, content }: Call,
  { admission, request }: Reservation,
): Promise<ComposedRequest> {
  const options = { operationId: match.operation.id, showsThinking: showsThinking({ match, model }) };
  if (content.kind === 'upload') return { content, meter: createMeter({ ...options, hidesUsage: false }) };
  const { prepared, hold } = content;
  try {
    const body = await prepared.compose(admission.reserved);
    // What came is not needed any more.
    hold.keep(body.length);
    const { hidesUsage } = prepared.facts;
    const takeBody = once(() => body);
    return { content: { kind: 'json', takeBody, hold }, meter: createMeter({ ...options, hidesUsage }) };
  } catch (error) {
    const { requestId, grantId, accountId } = request;
    settler.settle({ requestId, grantId, accountId, settlement: 'released', cost: 0n });
    throw error;
  }
}
