/** How a stream ended. */
export interface StreamEnd {
  /** `performance.now()` when the stream ended. */
  readonly endedAtMilliseconds: number;
  readonly text: string;
  /** Whether the connection broke before the answer was complete. */
  readonly isBroken: boolean;
}

export interface WatchedStream {
  /** Resolves when the first bytes arrive, or when the stream ends without any. */
  readonly begun: Promise<void>;
  readonly ended: Promise<StreamEnd>;
}

/** Reads an answer as it comes, and notes when it ended. */
export function watchStream(response: Response): WatchedStream {
  const first = Promise.withResolvers<void>();
  return { begun: first.promise, ended: readAll(response, first.resolve) };
}

async function readAll(response: Response, onFirst: () => void): Promise<StreamEnd> {
  const decoder = new TextDecoder();
  let text = '';
  let isBroken = false;
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      onFirst();
    }
  } catch {
    isBroken = true;
  }
  onFirst();
  return { endedAtMilliseconds: performance.now(), text, isBroken };
}
