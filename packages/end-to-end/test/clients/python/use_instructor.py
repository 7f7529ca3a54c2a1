import instructor
from common import OPENAI, TOKEN, TOOL_QUESTION, run
from openai import OpenAI
from pydantic import BaseModel


class get_weather(BaseModel):
    """Tells the weather of a city. The library makes a tool of this class, and the tool has the name of the class."""

    city: str


def tool():
    client = instructor.from_openai(OpenAI(base_url=OPENAI, api_key=TOKEN))
    messages = [{"role": "user", "content": TOOL_QUESTION}]
    return client.chat.completions.create(model="gpt-4o-mini", response_model=get_weather, messages=messages).city


run(tool=tool)
