"""Small inputs for tests of the training options: texts of three subjects, a tiny network, a few steps."""

from dataclasses import replace

import torch

from pipelines.kinds.classification import objective
from pipelines.training.network.batches import tokenise
from pipelines.training.network.encoder import load_pretrained
from pipelines.training.network.network import make_network
from pipelines.training.optimisation.descent import Descent
from pipelines.training.optimisation.training_loop import training_loop
from pipelines.training.optimisation.training_objective import Examples
from tests.conftest import SUBJECTS, small_rows

CPU = torch.device("cpu")
NONE = Examples([], torch.tensor([], dtype=torch.long), torch.tensor([]), objective)


def silent(*_args):
    pass


def build(spec, *, rows=96, kept=0, dropout=0.0, within=0.0, seed=0):
    """A network and its training examples; without dropout unless asked for, so that runs can be compared."""
    torch.manual_seed(seed)
    model, tokenizer = load_pretrained(spec.base_model, len(SUBJECTS), dropout, within)
    net = make_network(model, CPU, kept)
    texts, names = zip(*small_rows(rows), strict=True)
    labels = torch.tensor([list(SUBJECTS).index(name) for name in names])
    return net, Examples(net.prepare(tokenise(texts, tokenizer, 64)), labels, torch.ones(rows), objective)


def recipe_of(spec, **changes):
    """A recipe that trains fast from an untrained head: constant rate, equal for the whole network."""
    plain = {"epochs": 4, "batch": 16, "rate": 2e-3, "head_rate": 2e-3, "warmup": 0.0, "schedule": "constant"}
    return spec.recipe.model_copy(update={**plain, **changes})


def run(net, train, recipe, validation=NONE, watch=silent, **how):
    """Train, and return the curve."""
    with net.trainable_part():
        return training_loop(net, train, validation, recipe, watch, **how)


def steps(net, train, recipe, count):
    """Train on the same batches in turn; yields the descent after each step."""
    size = len(train.rows) // recipe.batch
    climb = Descent(net, recipe, count, recipe.rate)
    net.model.train()
    for step in range(count):
        start = step % size * recipe.batch
        climb.step(train.select(range(start, start + recipe.batch)))
        yield climb


def state_of(net):
    """A copy of all weights."""
    return {name: value.clone() for name, value in net.model.state_dict().items()}


def logits_of(net, train):
    """Logits, as `(rows, labels)`, without dropout."""
    net.model.eval()
    with torch.no_grad():
        return net.logits(train.rows)


def loss_on(net, train):
    """Plain cross-entropy, without dropout."""
    return torch.nn.functional.cross_entropy(logits_of(net, train), train.targets).item()


def noisy(train):
    """The same examples with a quarter of the labels random, so that training never converges."""
    draw = torch.Generator().manual_seed(0)
    lots = torch.randint(0, 3, train.targets.shape, generator=draw)
    return replace(train, targets=torch.where(torch.rand(len(lots), generator=draw) < 0.25, lots, train.targets))
