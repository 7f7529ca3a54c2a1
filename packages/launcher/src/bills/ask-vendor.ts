import { setTimeout as sleep } from 'node:timers/promises';
import { isJsonObject, type JsonObject } from '@aipassport/policy';

/** The vendor could not be asked, or its answer cannot be used. The message never holds the admin key. */
export class BillUnavailable extends Error {}

/** Sends one GET request. In the answer, each number is the text that the vendor wrote. */
export type AskVendor = (path: string, query: Query) => Promise<JsonObject>;

/** A list of parameters and not an object, because a name may occur twice. */
export type Query = readonly (readonly [name: string, value: string])[];

export interface VendorAddress {
  readonly label: string;
  readonly baseUrl: string;
  /** SECRET: they contain the admin key. */
  readonly headers: Readonly<Record<string, string>>;
  /** What kind of key the vendor wants. */
  readonly adminKeyName: string;
}

const timeoutMilliseconds = 60_000;
/** How often a request is repeated because the vendor limits the rate. */
const maxRepeats = 5;
/** A longer wait is reported instead, because a command that seems to hang is of no use. */
const maxWaitSeconds = 120;
/** The wait after a 429 without a usable `Retry-After`. */
const usualWaitSeconds = 10;

/** @param onWait is called before each wait, with its number of seconds */
export function createAskVendor(address: VendorAddress, onWait: (seconds: number) => void): AskVendor {
  return async (path, query) => {
    const url = `${address.baseUrl}${path}?${new URLSearchParams(query.map(([name, value]): [string, string] => [name, value]))}`;
    for (let repeats = 0; ; repeats += 1) {
      const response = await send(url, address);
      if (response.status !== 429 || repeats === maxRepeats) return readAnswer(response, address);
      const seconds = readWait(response.headers.get('retry-after'));
      await response.body?.cancel();
      if (seconds > maxWaitSeconds)
        throw new BillUnavailable(`${address.label} limits the rate. Try again in ${seconds} seconds.`);
      onWait(seconds);
      await sleep(seconds * 1_000);
    }
  };
}

/** A redirect is an error: the admin key goes to no other address. */
async function send(url: string, { label, headers }: VendorAddress): Promise<Response> {
  try {
    const signal = AbortSignal.timeout(timeoutMilliseconds);
    return await fetch(url, { headers: { ...headers, accept: 'application/json' }, redirect: 'error', signal });
  } catch {
    // The error of `fetch` is left out: its message may repeat a header.
    throw new BillUnavailable(`${label} does not answer.`);
  }
}

/** `Retry-After` is a number of seconds or a date (RFC 9110 section 10.2.3). */
function readWait(header: string | null): number {
  if (header === null) return usualWaitSeconds;
  if (/^\d{1,9}$/.test(header)) return Number(header);
  const until = Date.parse(header);
  return Number.isNaN(until) ? usualWaitSeconds : Math.max(0, Math.ceil((until - Date.now()) / 1_000));
}

async function readAnswer(response: Response, { label, adminKeyName }: VendorAddress): Promise<JsonObject> {
  const { status, ok } = response;
  const text = await response.text().catch(() => '');
  if (status === 401 || status === 403)
    throw new BillUnavailable(`${label} refuses the key (${status}). The costs can be read with ${adminKeyName}.`);
  if (status === 429) throw new BillUnavailable(`${label} limits the rate. Try again later.`);
  // What the vendor writes about an error may repeat the key, so only the status is shown.
  if (!ok) throw new BillUnavailable(`${label} answered with an error (${status}).`);
  const answer = parseExactly(text);
  return isJsonObject(answer) ? answer : refuseBill(label);
}

/** Parses JSON, and keeps each number as the text in the answer, so that no amount becomes a float. */
function parseExactly(text: string): unknown {
  const keepNumbers = (_name: string, value: unknown, { source }: { readonly source?: string } = {}) =>
    typeof value === 'number' ? source : value;
  try {
    // TypeScript's `JSON.parse` does not know the reviver's third argument yet.
    return JSON.parse(text, keepNumbers as (name: string, value: unknown) => unknown) as unknown;
  } catch {
    return undefined;
  }
}

export function refuseBill(label: string): never {
  throw new BillUnavailable(`${label}’s answer does not have the form that its documentation describes.`);
}
