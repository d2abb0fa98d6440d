"""All mail of the corpus comes in octet for octet; bare line ends as the setting says, and nothing else changes."""

from fakes import corpus
from fakes.listener import listening

from screener.mail.mail import Mail
from screener.mail.reply import Reply


def test_every_message_of_the_corpus() -> None:
    limits = {"message_size": "1 GiB", "messages_per_connection": 10_000, "octets_per_connection": "10 GiB", "hops": 100}
    with listening({"limits": limits}) as there, there.client() as wire:
        got: list[Mail] = []

        def keep(mail: Mail) -> Reply:
            got.append(mail)
            return Reply(451, "4.3.0", "seen")  # so that nothing gathers in the fake

        there.intake.answer = keep
        count = 0
        for specimen in corpus.specimens():
            content = specimen.wire()
            answer = wire.send("a@example.net", ["b@example.org"], content)[-1]
            if answer.code == 554:
                assert answer.text.startswith("554 5.4.6"), specimen.path
                continue
            assert answer.code == 451, (specimen.path, answer)
            mail = got.pop()
            count += 1
            if mail.content.path:
                continue  # its file is gone with the refusal; tests of big contents are elsewhere
            assert mail.content.octets == corpus.normalised(content), specimen.path
            bare = {"bare-cr", "bare-lf"} & mail.content.defects
            assert bool(bare) == corpus.has_bare_line_ends(content), specimen.path
        assert count > 2500
