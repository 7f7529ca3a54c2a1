import type { ProxyDependencies } from '../dependencies.js';
import { createMeter } from '../metering/create-meter.js';
import type { Meter } from '../metering/meter.js';
import { showsThinking } from '../metering/shows-thinking.js';
import { once } from '../once.js';
import type { BodyReservation } from '../reading/body-memory.js';
import type { Upload } from '../reading/read-upload.js';
import type { Reservation } from './admit.js';

/** A request that is ready to be sent, and the meter for its answer. */
export interface ComposedRequest {
  readonly content: ComposedContent;
  readonly meter: Meter;
  /** The output limit of one choice, if it differs from the one that the client asked for. */
  readonly maxOutputTokens: number | undefined;
}

export type ComposedContent =
  | {
      readonly kind: 'json';
      readonly contentType: string;
      /**
       * Returns the body and releases it, so that it is not kept in memory while the answer is awaited. Called once.
       */
      readonly takeBody: () => Buffer;
      /** The memory of the body. It is released as soon as the body has been sent. */
      readonly bodyReservation: BodyReservation;
    }
  | { readonly kind: 'upload'; readonly upload: Upload }
  | { readonly kind: 'none' };

/**
 * Writes the request for the reservation. The body contains every limit that the estimate relies on. If the rest of the
 * budget was less than the estimate, these limits are lowered. For a streamed chat, the body also asks for the usage.
 *
 * @throws Denied when the limits of a large body cannot be lowered; then the request does not count
 */
export async function composeRequest(
  { settler }: Pick<ProxyDependencies, 'settler'>,
  { admission, request, call }: Reservation,
): Promise<ComposedRequest> {
  const { match, model, content } = call;
  const { form: operationId, chat } = match.operation;
  const options = { operationId, usageReport: chat.usageReport, showsThinking: showsThinking({ match, model }) };
  if (content.kind === 'upload') {
    const { readTextFormat } = content.upload;
    const meter = createMeter({ ...options, hidesUsage: false, readTextFormat });
    return { content, meter, maxOutputTokens: undefined };
  }
  const { prepared, bodyReservation } = content;
  try {
    const {
      bytes: body,
      maxOutputTokens,
      contentType = 'application/json',
    } = await prepared.compose(admission.reserved);
    // The parsed body is not needed any more.
    bodyReservation.keep(body.length);
    const { hidesUsage } = prepared.facts;
    const takeBody = once(() => body);
    const meter = createMeter({ ...options, hidesUsage });
    return { content: { kind: 'json', contentType, takeBody, bodyReservation }, meter, maxOutputTokens };
  } catch (error) {
    const { requestId, grantId, accountId } = request;
    settler.settle({ requestId, grantId, accountId, settlement: 'released', cost: 0n });
    throw error;
  }
}
