import { commonRateHeaders, type SdkForm } from '../sdk-form.js';

/** Errors of the proxy's own paths, with the parameter names of RFC 6750 section 3. */
export const oauthForm: SdkForm = {
  buildEnvelope: ({ code, message }) => ({ error: code, error_description: message }),
  requestIdHeaders: [],
  rateHeaders: commonRateHeaders,
};
