"""Which public names of torch can be read? Counts what ``??`` has to show for each.

    python snippets/0_Pytorch_basics/explore_experiment.py

writes docs/assets/results/explore.json, which the page and its figure read. Eight seconds.
"""

import torch

from explore import survey
from wode.book import results


def main() -> None:
    namespaces = {
        "torch.nn": torch.nn,
        "torch.optim": torch.optim,
        "torch.utils.data": torch.utils.data,
        "torch.nn.functional": torch.nn.functional,
        "torch": torch,
        "torch.Tensor": torch.Tensor,
        "torch.linalg": torch.linalg,
    }
    numbers = {}
    for name, namespace in namespaces.items():
        counts = survey(namespace)
        numbers[name.replace(".", "_")] = {
            "name": name,
            "total": counts.total(),
            "source": counts["source"],
            "docstring": counts["docstring"],
            "nothing": counts["nothing"],
            "source_share": counts["source"] / counts.total(),
        }
    path = results.write(
        "explore",
        numbers=numbers,
        command="python snippets/0_Pytorch_basics/explore_experiment.py",
        note_zh="公开的可调用对象里，有源码的、只有文档的、都没有的各多少。",
        note_en="Public callables with Python source, with only a docstring, with neither.",
    )
    print(path)


if __name__ == "__main__":
    main()
