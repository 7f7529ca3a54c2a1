/**
 * How the API tokens of owners begin. Programs that search for leaked secrets recognize it. The authorization server
 * makes and accepts such tokens, and the resource proxy refuses them with the reason.
 */
export const apiTokenPrefix = 'aipat_';
