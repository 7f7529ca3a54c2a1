import type { Bomb } from './bomb.js';
import { jsonBombs } from './json-bombs.js';
import { otherBombs } from './other-bombs.js';

/** All attacks of one client on the others. */
export const bombs: readonly Bomb[] = [...jsonBombs, ...otherBombs];
