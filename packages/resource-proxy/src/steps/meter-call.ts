import type { Call } from '../call.js';
import { createMeter } from '../metering/create-meter.js';
import type { Meter } from '../metering/meter.js';
import { requestUsage } from '../metering/request-usage.js';
import { showsThinking } from '../metering/shows-thinking.js';

export interface MeteredCall {
  readonly call: Call;
  readonly meter: Meter;
}

/** Makes ready to read the answer's usage; of a streamed chat it has to be asked for. */
export function meterCall(call: Call): MeteredCall {
  const { match, content } = call;
  const operationId = match.operation.id;
  const options = { operationId, showsThinking: showsThinking(call) };
  if (operationId !== 'openai.chat/completions' || content.kind !== 'json')
    return { call, meter: createMeter({ ...options, hidesUsage: false }) };
  const { body, hidesUsage } = requestUsage(content.body);
  return { call: { ...call, content: { kind: 'json', body } }, meter: createMeter({ ...options, hidesUsage }) };
}
