import type { Bomb } from './bomb.js';
import { jsonBombs } from './json-bombs.js';
import { otherBombs } from './other-bombs.js';

/** All attacks of clients on a proxy that another client uses at the same time. */
export const bombs: readonly Bomb[] = [...jsonBombs, ...otherBombs];
