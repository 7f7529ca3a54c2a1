import type { Bomb } from './bomb.js';
import { jsonBombs } from './json-bombs.js';
import { otherBombs } from './other-bombs.js';

/** Everything that one client was thought to be able to do to the others. */
export const bombs: readonly Bomb[] = [...jsonBombs, ...otherBombs];
