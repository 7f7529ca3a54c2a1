import type { Contender } from '../contenders/contender.js';
import type { Rig } from '../rig/open-rig.js';

const connections = 16;
const seconds = 1;

/**
 * Has a contender answer under each of its tokens, twice over: the first time a token is seen it is verified and its
 * issuer is asked, which happens once in a token's ten minutes and is not what a round of a few seconds should show.
 */
export async function warmUp(rig: Pick<Rig, 'load'>, { target }: Contender): Promise<void> {
  for (let answers = 0; answers < 2 * target.accessTokens.length; ) {
    const run = { targets: [target], stream: false, connections, seconds, warmUpSeconds: 0, firstToken: answers };
    answers += (await rig.load.ask('run', run)).answers;
  }
}
