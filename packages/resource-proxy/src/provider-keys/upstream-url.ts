/** An upstream's URL: an origin, and the path with which the paths of its API begin. */
export interface UpstreamUrl {
  /** For instance `https://api.example.com`. */
  readonly origin: string;
  /** Host and port as in a URL. */
  readonly host: string;
  /** Empty, or a path without a trailing slash. */
  readonly basePath: string;
}
