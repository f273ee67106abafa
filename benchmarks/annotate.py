"""How fast the Stanza pass is, and how much memory it takes, against plain ``nlp(text)``.

    python benchmarks/annotate.py FOLDER [--articles 40] [--device cpu]

Reads .txt files below FOLDER. Two processes take turns, article by article, so that a busy machine is
busy for both: one calls Stanza's pipeline of the bundled models as their model card loads it, the other is
``annotate.to_conllu``. One thread each. Prints CPU and wall time, words per second and peak memory.
"""

import argparse
import multiprocessing
import resource
import time
from pathlib import Path

from chargesheet import annotate, ingest, stanza_models


def stock_pipeline(device: str):
    """The bundled package as its model card loads it."""
    import torch

    torch.set_num_threads(1)
    stanza_models.quiet()
    return stanza_models._pipeline(stanza_models.BUNDLED, dict.fromkeys(stanza_models.PROCESSORS, "compact"), device)


def work(kind: str, device: str, connection) -> None:
    """Answer texts with (CPU seconds, wall seconds); at the end with the peak memory."""
    device = stanza_models._device(device)
    nlp = stock_pipeline(device) if kind == "stock" else stanza_models.load(device=device)
    connection.send("ready")
    while (text := connection.recv()) is not None:
        cpu, wall = time.process_time(), time.perf_counter()
        if kind == "stock":
            nlp(text)
        else:
            annotate.to_conllu("article", text, nlp)
        connection.send((time.process_time() - cpu, time.perf_counter() - wall))
    connection.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--articles", type=int, default=40)
    parser.add_argument("--device", default="cpu", choices=["auto", "cpu", "cuda"])
    args = parser.parse_args()
    texts = [ingest.decode(path.read_bytes())[0] for path in sorted(args.folder.rglob("*.txt"))[: args.articles]]
    words = sum(len(text.split()) for text in texts)

    context = multiprocessing.get_context("spawn")
    ends, times = {}, {"stock": [0.0, 0.0], "chargesheet": [0.0, 0.0]}
    for kind in times:
        ends[kind], theirs = context.Pipe()
        context.Process(target=work, args=(kind, args.device, theirs), daemon=True).start()
        ends[kind].recv()
        ends[kind].send(texts[0])  # to warm up
        ends[kind].recv()
    for text in texts:
        for kind, end in ends.items():
            end.send(text)
            times[kind] = [total + spent for total, spent in zip(times[kind], end.recv(), strict=True)]
    memory = {}
    for kind, end in ends.items():
        end.send(None)
        memory[kind] = end.recv()

    print(f"{len(texts)} articles, {words:,} words, one thread")
    print(f"{'':12} {'CPU s':>8} {'words/s':>8} {'wall s':>8} {'peak MB':>8}")
    for kind, (cpu, wall) in times.items():
        print(f"{kind:12} {cpu:8.1f} {words / cpu:8.0f} {wall:8.1f} {memory[kind]:8.0f}")
    faster, smaller = times["stock"][0] / times["chargesheet"][0], memory["stock"] / memory["chargesheet"]
    print(f"ratio of CPU time {faster:.2f}, of peak memory {smaller:.2f}")


if __name__ == "__main__":
    main()
