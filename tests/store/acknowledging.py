"""A process that keeps and settles mail as fast as it can and says of each what was acknowledged. It is killed from outside.

Lines: "kept ID", "big ID", "settled ID STATE": printed only after the writer's future was resolved.
"""

import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fakes.kept import kept

from screener.store.records import Outcome, Settle, State
from screener.store.sqlite import SqliteStore
from screener.store.writer import Writer

BIG = b"b" * 300_000


def main(folder: Path) -> None:
    store = SqliteStore.open(folder, serving=True, reserve=0)
    writer = Writer(store)
    printing = threading.Lock()

    def say(line: str) -> None:
        with printing:
            print(line, flush=True)  # noqa: T201 — it is what this process is for

    def live(number: int) -> None:
        count = 0
        while True:
            count += 1
            big = count % 10 == number
            mail = kept(State.QUEUED, State.HELD, State.DROPPED, at=time.time())
            if big:
                file = store.bodies.create(mail.mail.id)
                file.write(BIG)
                content = file.finish()
                mail = kept(State.QUEUED, at=time.time(), mail_id=mail.mail.id, octets=content.octets, path=content.path)
            writer.submit(mail).result()
            say(f"{'big' if big else 'kept'} {mail.mail.id}")
            if count % 3 == 0:
                state = State.DELIVERED if count % 2 else State.FAILED
                writer.submit(Settle(mail.mail.id, time.time(), (Outcome(0, state, "250 or 550"),))).result()
                say(f"settled {mail.mail.id} {state}")

    say("begun")
    for number in range(6):
        threading.Thread(target=live, args=(number,)).start()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
