import type { Contender } from '../contenders/contender.js';
import type { Rig } from '../rig/open-rig.js';

const connections = 16;
const seconds = 1;

/**
 * Makes a contender answer until there were two answers for each token on average. When the proxy sees a token for the
 * first time, it verifies the token and asks the issuer whether the token is active. In a deployment this happens once
 * in the ten-minute lifetime of a token, so a round of a few seconds should not include it.
 */
export async function warmUp(rig: Pick<Rig, 'load'>, { target }: Contender): Promise<void> {
  for (let answers = 0; answers < 2 * target.accessTokens.length; ) {
    const run = { targets: [target], stream: false, connections, seconds, warmUpSeconds: 0, firstToken: answers };
    answers += (await rig.load.ask('run', run)).answers;
  }
}
