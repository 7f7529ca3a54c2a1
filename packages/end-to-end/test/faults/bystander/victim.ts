import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';

/** Measurements of a client that sends the same request again and again while another client attacks. */
export interface Watch {
  /**
   * The time of the slowest answer since the last call, and the number of answers. `refused` are those without status
   * 200, and the requests without an answer; both are included in `answers`.
   */
  readonly takeSlowest: () => { readonly milliseconds: number; readonly answers: number; readonly refused: number };
  readonly stop: () => Promise<void>;
}

/** Sends a GET request in a loop until `stop` is called. */
export function watchReplies(url: string, token: () => string): Watch {
  const agent = new Agent({ pipelining: 1, connections: 2 });
  let isOver = false;
  let slowest = 0;
  let answers = 0;
  let refused = 0;
  const watching = (async () => {
    while (!isOver) {
      const startedAt = performance.now();
      const status = await request(url, {
        headers: { authorization: `Bearer ${token()}` },
        dispatcher: agent,
      }).then(
        async ({ statusCode, body }) => {
          await body.dump();
          return statusCode;
        },
        () => 0,
      );
      slowest = Math.max(slowest, performance.now() - startedAt);
      answers += 1;
      if (status !== 200) refused += 1;
      await sleep(10);
    }
  })();
  return {
    takeSlowest: () => {
      const seen = { milliseconds: slowest, answers, refused };
      slowest = 0;
      answers = 0;
      refused = 0;
      return seen;
    },
    stop: async () => {
      isOver = true;
      await watching;
      await agent.close();
    },
  };
}
