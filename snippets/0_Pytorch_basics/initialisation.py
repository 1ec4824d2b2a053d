"""What the chapter `initialisation` includes: a deep network and its start."""

from torch import nn


def initialise(linear, name):
    """Fill the weights as ``name`` says and the bias with 0; "default" changes nothing."""
    if name == "small":
        nn.init.normal_(linear.weight, std=0.01)
    elif name == "xavier":
        nn.init.xavier_normal_(linear.weight)
    elif name == "he":
        nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
    if name != "default":
        nn.init.zeros_(linear.bias)


class Deep(nn.Module):
    """``depth`` layers with ReLU on flattened digits, then ten scores."""

    def __init__(self, name, kind="plain", depth=20, width=64):
        super().__init__()
        self.kind = kind
        self.layers = nn.ModuleList()
        self.norms = nn.ModuleList()
        for inputs in [64] + [width] * (depth - 1):
            self.layers.append(nn.Linear(inputs, width))
            initialise(self.layers[-1], name)
            self.norms.append(nn.BatchNorm1d(width) if kind == "batch_norm" else nn.Identity())
        self.output = nn.Linear(width, 10)

    def forward(self, images):
        x = images.flatten(1)  # (B, 64)
        for layer, norm in zip(self.layers, self.norms, strict=True):
            y = norm(layer(x)).relu()  # (B, width)
            x = x + y if self.kind == "residual" else y
        return self.output(x)  # (B, 10)
