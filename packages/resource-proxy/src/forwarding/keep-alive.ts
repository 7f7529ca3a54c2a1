const lineFeed = 0x0a;
const carriageReturn = 0x0d;

export interface KeepAliveOptions {
  readonly intervalMilliseconds: number;
  readonly now: () => number;
  /** Called when nothing was sent for the interval and no event is incomplete. */
  readonly send: () => void;
}

/**
 * Keeps a silent event stream open when other proxies are between this proxy and the client. By default, nginx and many
 * load balancers close a connection that is silent for a minute, and a model may think for longer than that.
 */
export class KeepAlive {
  readonly #options: KeepAliveOptions;
  #timer: NodeJS.Timeout;
  #sentAtMilliseconds: number;
  #isBetweenEvents = true;

  constructor(options: KeepAliveOptions) {
    this.#options = options;
    this.#sentAtMilliseconds = options.now();
    this.#timer = this.#startTimer(options.intervalMilliseconds);
  }

  /** Must be called after each chunk of the stream that was sent. */
  note(bytes: Buffer): void {
    this.#sentAtMilliseconds = this.#options.now();
    this.#isBetweenEvents = endsEvent(bytes);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #startTimer(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => this.#check(), milliseconds).unref();
  }

  #check(): void {
    const { intervalMilliseconds, now, send } = this.#options;
    const silentMilliseconds = now() - this.#sentAtMilliseconds;
    const isSilent = silentMilliseconds >= intervalMilliseconds;
    if (isSilent && this.#isBetweenEvents) {
      this.#sentAtMilliseconds = now();
      send();
    }
    this.#timer = this.#startTimer(isSilent ? intervalMilliseconds : intervalMilliseconds - silentMilliseconds);
  }
}

/**
 * An event ends with a blank line. Returns false for a chunk that is only one line break, because the bytes before it
 * are not known. After such a chunk no keep-alive is sent until another event has ended, which is safe.
 */
function endsEvent(bytes: Buffer): boolean {
  const { length } = bytes;
  if (bytes[length - 1] !== lineFeed) return false;
  const before = bytes[length - 2];
  return before === lineFeed || (before === carriageReturn && bytes[length - 3] === lineFeed);
}
