import type { ExactUsd } from '@aipassport/policy';
import type { AskVendor } from './ask-vendor.js';

/** The days of a comparison. */
export interface Period {
  /** Midnight (UTC) of the first day. */
  readonly from: Date;
  /** Midnight (UTC) after the last day. */
  readonly to: Date;
}

/** One line of a vendor's report: what one key cost on one day (UTC). There may be several for a key and a day. */
export interface BillLine {
  /** YYYY-MM-DD, in UTC. */
  readonly day: string;
  /** undefined: the vendor says that no key was used, or does not say which. */
  readonly keyId: string | undefined;
  /** undefined: the line has only a number of requests. */
  readonly exactUsd: ExactUsd | undefined;
  /** The amount before discounts, where the vendor reports it. */
  readonly exactListUsd?: ExactUsd | undefined;
  /** 0 in a line that has only an amount. */
  readonly requests: number;
}

export interface Bill {
  readonly lines: readonly BillLine[];
  /** The vendor's report has all usage before this instant. undefined: the vendor does not say. */
  readonly completeUntil?: Date | undefined;
}

/** How a vendor is asked for its costs. */
export interface BillSource {
  readonly label: string;
  /** The URL of the vendor's API. Requests add their paths to it. */
  readonly baseUrl: string;
  /** The environment variable of the admin key. */
  readonly adminKeyVariable: string;
  /** What the vendor calls a key that may read costs. */
  readonly adminKeyName: string;
  /** What the identifier of a key looks like. */
  readonly keyIdForm: string;
  readonly keyIdPattern: RegExp;
  /** For how many days the vendor reports costs. undefined: no limit is documented. */
  readonly keptDays?: number;
  /** SECRET: the headers contain the admin key. */
  readonly headers: (adminKey: string) => Readonly<Record<string, string>>;
  /** @param keyIds the keys that are compared, for a vendor that reports one key at a time */
  readonly read: (ask: AskVendor, period: Period, keyIds: readonly string[]) => Promise<Bill>;
}
