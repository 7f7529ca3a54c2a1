/**
 * A part of an event's detail, as JSON: the API token with which a program of the owner asked for the act.
 * @param apiToken the token's id; undefined when a person asked for the act, on a page
 */
export function noteToken(apiToken: string | undefined): string {
  return JSON.stringify(apiToken === undefined ? {} : { api_token: apiToken });
}
