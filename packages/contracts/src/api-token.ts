/**
 * The beginning of the owners' API tokens. Programs that search for leaked secrets recognize the tokens by it. The
 * authorization server makes and accepts these tokens. The resource proxy refuses them, and says why.
 */
export const apiTokenPrefix = 'aipat_';
