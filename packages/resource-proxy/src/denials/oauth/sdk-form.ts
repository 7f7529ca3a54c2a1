import { commonRateHeaders, type SdkForm } from '../sdk-form.js';

/** Errors of the proxy's own paths, as RFC 6750 section 3 has them. */
export const oauthForm: SdkForm = {
  buildEnvelope: ({ code, message }) => ({ error: code, error_description: message }),
  requestIdHeaders: [],
  rateHeaders: commonRateHeaders,
};
