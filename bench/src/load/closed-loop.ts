import { percentile } from '../statistics/statistics.js';
import { type Answered, Connection } from './connection.js';
import { buildRequests, type Target } from './request.js';

/** A load over a fixed number of connections. Each of them waits for an answer before it sends the next request. */
export interface ClosedLoop {
  /** The connections are spread evenly over the targets. */
  readonly targets: readonly Target[];
  readonly stream: boolean;
  readonly connections: number;
  readonly seconds: number;
  /** Answers in these first seconds are counted but not timed, because connections are still being opened. */
  readonly warmUpSeconds: number;
  /** The position, in a target's list, of the token that is used first. */
  readonly firstToken?: number;
  /** The highest rate of all connections together; undefined: as fast as the answers come. */
  readonly requestsPerSecond?: number;
}

export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

export interface LoadSummary {
  readonly requestsPerSecond: number;
  /** The number of all answers, also before and after the measured time. `measure` divides the CPU time by it. */
  readonly answers: number;
  /** The times in milliseconds from the request to the last byte of its answer. */
  readonly latency: Latency;
  /** The times in milliseconds from the request to the first byte of the body. */
  readonly firstByte: Latency;
}

/** @throws at the first answer that is not 200, because a refusal costs less and would make the figures too good */
export async function runClosedLoop(loop: ClosedLoop): Promise<LoadSummary> {
  const latencies: number[] = [];
  const firstBytes: number[] = [];
  const measuredFrom = performance.now() + loop.warmUpSeconds * 1000;
  const measuredUntil = measuredFrom + loop.seconds * 1000;
  let answers = 0;
  const note = ({ sentAt, firstByteAt, endedAt }: Answered) => {
    answers += 1;
    if (endedAt < measuredFrom || endedAt >= measuredUntil) return;
    latencies.push(endedAt - sentAt);
    firstBytes.push(firstByteAt - sentAt);
  };
  const requests = loop.targets.map((target) => buildRequests(target, loop.stream));
  await Promise.all(
    Array.from({ length: loop.connections }, (_, index) => {
      const place = index % loop.targets.length;
      const target = loop.targets[place];
      const own = requests[place];
      if (target === undefined || own === undefined) throw new Error('there is no target');
      const pauseMilliseconds =
        loop.requestsPerSecond === undefined ? 0 : (loop.connections / loop.requestsPerSecond) * 1000;
      return runConnection({
        port: target.port,
        requests: own,
        first: index + (loop.firstToken ?? 0),
        step: loop.connections,
        until: measuredUntil,
        pauseMilliseconds,
        note,
      });
    }),
  );
  return {
    requestsPerSecond: latencies.length / loop.seconds,
    answers,
    latency: summarize(latencies),
    firstByte: summarize(firstBytes),
  };
}

interface ConnectionRun {
  readonly port: number;
  readonly requests: readonly Buffer[];
  /** The position of the first request, and the step to the next one. */
  readonly first: number;
  readonly step: number;
  readonly until: number;
  /** The least time from the sending of one request to the sending of the next. */
  readonly pauseMilliseconds: number;
  readonly note: (answered: Answered) => void;
}

function runConnection(run: ConnectionRun): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let next = run.first;
  let connection: Connection | undefined;
  const leave = (end: () => void) => {
    connection?.close();
    end();
  };
  const send = () => {
    if (performance.now() >= run.until) return leave(resolve);
    const request = run.requests[next % run.requests.length];
    next += run.step;
    if (request !== undefined) connection?.send(request);
  };
  const onAnswer = (answered: Answered) => {
    if (answered.status !== 200) return leave(() => reject(new Error(`an answer was not 200:\n${answered.text}`)));
    run.note(answered);
    const dueMilliseconds = answered.sentAt + run.pauseMilliseconds - performance.now();
    if (dueMilliseconds > 0) setTimeout(send, dueMilliseconds);
    else send();
  };
  Connection.open(run.port, onAnswer, (error) => leave(() => reject(error))).then((opened) => {
    connection = opened;
    send();
  }, reject);
  return promise;
}

function summarize(values: number[]): Latency {
  const sorted = Float64Array.from(values).sort();
  return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
}
