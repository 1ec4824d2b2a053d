"""What the chapter `inference` includes: a trained network, and what asking it costs."""

import copy
import zipfile

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader, TensorDataset

from wode.data import digits_tensors
from wode.training import seed_everything, train
from wode.vision import WodeNet


def trained_network(seed: int, epochs: int = 6) -> WodeNet:
    """A small WodeNet after a few epochs on the digits, in train mode: a second or two of work."""
    generator = seed_everything(seed)
    model = WodeNet(width=16)
    data = TensorDataset(*digits_tensors(train=True))
    loader = DataLoader(data, batch_size=64, shuffle=True, generator=generator)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    scheduler = OneCycleLR(optimizer, max_lr=1e-2, total_steps=epochs * len(loader))
    train(model, loader, optimizer, F.cross_entropy, epochs, scheduler=scheduler, progress=False)
    return model


def saved_bytes(model: nn.Module, images: Tensor) -> int:
    """Bytes that a forward pass keeps for the backward pass, the model's own tensors left out."""
    own = {t.untyped_storage().data_ptr() for t in (*model.parameters(), *model.buffers())}
    kept = {}

    def pack(tensor: Tensor) -> Tensor:
        place = tensor.untyped_storage().data_ptr()
        if place not in own:
            kept[place] = tensor.nbytes  # once, however often it is saved
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        output = model(images)  # held, so that no address is used twice
    del output
    return sum(kept.values())


def pretend_gpu(path: str, target: str) -> None:
    """Copy a ``.pth`` and change the device written in it, as if it came from a GPU machine."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("data.pkl"):
                content = content.replace(b"X\x03\x00\x00\x00cpu", b"X\x06\x00\x00\x00cuda:7")
            new.writestr(name, content)


def accuracy_by_batch(model: nn.Module, images: Tensor, labels: Tensor, batch_size: int) -> float:
    """Accuracy in the mode that the model is in; buffers are put back afterwards."""
    before = copy.deepcopy(model.state_dict())
    with torch.no_grad():
        logits = torch.cat([model(batch) for batch in images.split(batch_size)])  # (N, 10)
    model.load_state_dict(before)
    return (logits.argmax(dim=1) == labels).double().mean().item()
