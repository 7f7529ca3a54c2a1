"""Runs the whole flow of one OAuth library: prints the address for the owner, reads the address to which the owner
came back, and prints the result."""
import json
import os
import sys

import requests

library, issuer, proxy, client_id, client_secret, redirect_uri, scope = sys.argv[1:]
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
os.environ["OAUTHLIB_RELAX_TOKEN_SCOPE"] = "1"


def ask_owner(url):
    print(url, flush=True)
    return sys.stdin.readline().strip()


def call(token):
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello?"}]}
    headers = {"authorization": f"Bearer {token['access_token']}"}
    return requests.post(f"{proxy}/openai/v1/chat/completions", json=body, headers=headers).status_code


def authlib():
    from authlib.common.security import generate_token
    from authlib.integrations.requests_client import OAuth2Session

    client = OAuth2Session(client_id, client_secret, scope=scope, redirect_uri=redirect_uri, code_challenge_method="S256")
    verifier = generate_token(48)
    url, state = client.create_authorization_url(f"{issuer}/authorize", code_verifier=verifier)
    back = ask_owner(url)
    token = client.fetch_token(f"{issuer}/token", authorization_response=back, state=state, code_verifier=verifier)
    first = call(token)
    token = client.refresh_token(f"{issuer}/token", refresh_token=token["refresh_token"])
    second = call(token)
    client.revoke_token(f"{issuer}/revoke", token=token["refresh_token"]).raise_for_status()
    return [first, second, call(token)]


def requests_oauthlib():
    from requests_oauthlib import OAuth2Session

    client = OAuth2Session(client_id, redirect_uri=redirect_uri, scope=scope.split(), pkce="S256")
    url, _state = client.authorization_url(f"{issuer}/authorize")
    token = client.fetch_token(f"{issuer}/token", authorization_response=ask_owner(url), client_secret=client_secret)
    first = call(token)
    basic = requests.auth.HTTPBasicAuth(client_id, client_secret)
    token = client.refresh_token(f"{issuer}/token", refresh_token=token["refresh_token"], auth=basic)
    second = call(token)
    requests.post(f"{issuer}/revoke", data={"token": token["refresh_token"]}, auth=basic).raise_for_status()
    return [first, second, call(token)]


print(json.dumps({"authlib": authlib, "requests-oauthlib": requests_oauthlib}[library]()))
