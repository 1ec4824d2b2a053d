"""Every key of a config.json is honoured or refused: no loader computes something else silently.

Of each model transformers writes a folder; then one key after the other is changed, left out or
added. Either our outputs are those of transformers on the same files, or the error names the file.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers as hf
from helpers import randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from wode import bart, bert, electra, ernie, gpt, llama, longformer, t5, xlnet
from wode.bert import Bert
from wode.files.checkpoint import CheckpointError
from wode.files.hub import MINILM
from wode.files.pretrained import load_pretrained
from wode.files.safetensors import load_safetensors, save_safetensors
from wode.files.settings import WITHOUT_EFFECT, Reads, configured
from wode.gpt import Gpt
from wode.llama import Llama
from wode.pretraining import BertForPreTraining

IDS = torch.tensor([[5, 9, 11, 20, 7, 8], [6, 30, 3, 4, 9, 9]])
MASK = torch.ones_like(IDS)
TYPES = torch.tensor([[0, 0, 1, 1, 1, 1], [0, 1, 1, 1, 0, 0]])


@dataclass(frozen=True)
class Kind:
    """A model of theirs, its sizes, and how ours is loaded and asked."""

    theirs: Any
    config: Any
    sizes: dict[str, Any]
    ours: Callable[[str], nn.Module]
    reads: Reads[Any]
    inputs: dict[str, Tensor]
    honoured: str  # keys that change the result, and are to change ours with it


def reading(reads: Reads[Any], model: Any) -> Callable[[str], nn.Module]:
    return lambda folder: load_pretrained(folder, reads, model)


BERT = {"vocab_size": 40, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
        "intermediate_size": 24, "max_position_embeddings": 12}  # fmt: skip
PAIR = {"input_ids": IDS, "attention_mask": MASK, "token_type_ids": TYPES}
LONG = {"input_ids": torch.cat([IDS, IDS[:, :2]], dim=1)}  # a multiple of the window
SEQUENCES = {"input_ids": IDS, "decoder_input_ids": IDS.flip(0)}
KINDS = {
    "bert": Kind(hf.BertModel, hf.BertConfig, BERT, Bert.from_pretrained, bert.READS, PAIR,
                 "layer_norm_eps num_attention_heads"),
    "bert-pretraining": Kind(
        hf.BertForPreTraining, hf.BertConfig, BERT, BertForPreTraining.from_pretrained, bert.READS,
        PAIR, "layer_norm_eps num_attention_heads"),
    "ernie": Kind(hf.ErnieModel, hf.ErnieConfig, {**BERT, "use_task_id": True},
                  ernie.Ernie.from_pretrained, ernie.READS, PAIR, "layer_norm_eps"),
    "electra": Kind(hf.ElectraModel, hf.ElectraConfig, {**BERT, "embedding_size": 10},
                    electra.Electra.from_pretrained, electra.READS, PAIR, "layer_norm_eps"),
    "electra-generator": Kind(
        hf.ElectraForMaskedLM, hf.ElectraConfig, {**BERT, "embedding_size": 10},
        reading(electra.READS, electra.Generator), electra.READS, PAIR, "layer_norm_eps"),
    "electra-discriminator": Kind(
        hf.ElectraForPreTraining, hf.ElectraConfig, {**BERT, "embedding_size": 10},
        reading(electra.READS, electra.Discriminator), electra.READS, PAIR, "layer_norm_eps"),
    "longformer": Kind(
        hf.LongformerModel, hf.LongformerConfig,
        {**BERT, "max_position_embeddings": 16, "attention_window": [4, 8]},
        reading(longformer.READS, longformer.Longformer), longformer.READS, LONG,
        "layer_norm_eps attention_window pad_token_id"),
    "gpt": Kind(hf.GPT2LMHeadModel, hf.GPT2Config,
                {"vocab_size": 40, "n_positions": 12, "n_embd": 16, "n_layer": 2, "n_head": 2,
                 "n_inner": 24},
                Gpt.from_pretrained, gpt.READS, {"input_ids": IDS, "attention_mask": MASK},
                "layer_norm_epsilon n_head"),
    "llama": Kind(hf.LlamaForCausalLM, hf.LlamaConfig,
                  {"vocab_size": 40, "hidden_size": 24, "intermediate_size": 20,
                   "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
                   "max_position_embeddings": 16},
                  Llama.from_pretrained, llama.READS,
                  {"input_ids": IDS, "attention_mask": MASK}, "rms_norm_eps rope_parameters"),
    "t5": Kind(hf.T5ForConditionalGeneration, hf.T5Config,
               {"vocab_size": 40, "d_model": 12, "d_kv": 4, "d_ff": 20, "num_layers": 2,
                "num_heads": 3, "feed_forward_proj": "gated-gelu",
                "relative_attention_num_buckets": 8, "relative_attention_max_distance": 6},
               reading(t5.READS, t5.T5), t5.READS, SEQUENCES,
               "layer_norm_epsilon relative_attention_max_distance"),
    "bart": Kind(hf.BartForConditionalGeneration, hf.BartConfig,
                 {"vocab_size": 40, "d_model": 12, "encoder_layers": 2, "decoder_layers": 1,
                  "encoder_attention_heads": 2, "decoder_attention_heads": 3,
                  "encoder_ffn_dim": 20, "decoder_ffn_dim": 16, "max_position_embeddings": 16},
                 reading(bart.READS, bart.Bart), bart.READS, SEQUENCES,
                 "scale_embedding encoder_attention_heads"),
    "xlnet": Kind(hf.XLNetLMHeadModel, hf.XLNetConfig,
                  {"vocab_size": 40, "d_model": 12, "n_layer": 2, "n_head": 3, "d_inner": 20},
                  reading(xlnet.READS, xlnet.XLNetLM), xlnet.READS,
                  {"input_ids": IDS, "token_type_ids": TYPES}, "layer_norm_eps"),
}  # fmt: skip
each = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What transformers writes of each model, with weights that are not small."""
    root = tmp_path_factory.mktemp("models")
    for name, kind in KINDS.items():
        torch.manual_seed(0)
        theirs = randomise(kind.theirs(kind.config(**kind.sizes)))
        theirs.save_pretrained(root / name)
    return {name: root / name for name in KINDS}


@pytest.fixture
def folder(folders, kind, tmp_path) -> Path:
    """A copy, to be changed."""
    (name,) = (name for name, one in KINDS.items() if one is kind)
    shutil.copytree(folders[name], tmp_path / "model")
    return tmp_path / "model"


def outputs(kind: Kind, model: Any) -> Tensor:
    with torch.no_grad():
        model.eval()
        if isinstance(model, nn.Module) and type(model).__module__.startswith("wode"):
            given = dict(kind.inputs)
            if "decoder_input_ids" in given:
                return model(given["input_ids"], given["decoder_input_ids"])
            result = (model.encode if isinstance(model, electra.Electra) else model)(**given)
            return result if isinstance(result, Tensor) else result[0]
        return model(**kind.inputs)[0]


def ask(kind: Kind, folder: Path, given: dict[str, Any]) -> tuple[Tensor | None, str]:
    """What ours gives with these settings, or what its error says."""
    (folder / "config.json").write_text(json.dumps(given))
    said = ""
    try:
        model = kind.ours(str(folder))
    except (ValueError, CheckpointError) as error:
        said = str(error)
    assert not said or str(folder) in said, f"no file is named: {said}"
    return (None, said) if said else (outputs(kind, model), "")


def reference(kind: Kind, folder: Path) -> Tensor | None:
    """What theirs gives; None where it refuses, or warns that weights do not fit."""
    try:
        model, info = kind.theirs.from_pretrained(folder, output_loading_info=True)
    except Exception:
        return None
    faults = info["missing_keys"] or info["unexpected_keys"] or info["mismatched_keys"]
    try:
        return None if faults else outputs(kind, model)
    except Exception:
        return None


def apart(ours: Tensor, theirs: Tensor) -> float:
    """The largest difference, as a share of the largest number."""
    return (
        float((ours - theirs).abs().max() / theirs.abs().max())
        if ours.shape == theirs.shape
        else 9.0
    )


def others(value: object) -> list[Any]:
    """Other values for a key of this value: near ones, and of other types."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, 2 * value, value // 2]
    if isinstance(value, float):
        return [value + 0.3, 0.0]
    if isinstance(value, str):
        return [value + "x", "relu", "silu"]
    if isinstance(value, list):
        return [[*value[1:], value[0]], value[:1], value * 2]
    if isinstance(value, dict):
        return [{}, {**value, "x": 1}, {**value, "rope_theta": 50.0}]
    return [True, 1, "x"]


# ---------------------------------------------------------------- what transformers writes


@each
def test_what_transformers_writes_is_read(kind, folder):
    found, said = ask(kind, folder, json.loads((folder / "config.json").read_text()))
    expected = reference(kind, folder)
    assert said == ""
    assert expected is not None
    assert found is not None
    assert apart(found, expected) < 1e-5


@each
def test_a_key_that_changes_is_followed_or_refused(kind, folder, exhaustive):
    """All keys that transformers' class of settings has, one at a time; one other value of each,
    unless exhaustive, and all of those that are to change the result."""
    written = json.loads((folder / "config.json").read_text())
    every = kind.config(**kind.sizes).to_dict() | written
    base, followed = outputs(kind, kind.ours(str(folder))), set()
    for key, value in every.items():
        all_of_them = exhaustive or key in kind.honoured.split()
        for other in others(value)[: None if all_of_them else 1]:
            found, _ = ask(kind, folder, {**written, key: other})
            if found is None:
                continue
            expected = reference(kind, folder)
            if expected is None:  # it finds no sense in what is without an effect, as a dtype "x"
                assert key in f"{WITHOUT_EFFECT} {kind.reads.idle}".split(), (key, other)
                continue
            difference = apart(found, expected)
            assert difference < 1e-5, f"{key} {other!r}: {difference} from transformers"
            if apart(found, base) > 3e-5:
                followed.add(key)
    assert followed >= set(kind.honoured.split()), followed


@each
def test_a_key_that_is_absent_means_what_it_means_to_transformers(kind, folder):
    written = json.loads((folder / "config.json").read_text())
    for key in written:
        found, _ = ask(kind, folder, {k: v for k, v in written.items() if k != key})
        if found is not None:
            expected = reference(kind, folder)
            assert expected is not None, key
            assert apart(found, expected) < 1e-5, key


@each
def test_nothing_in_the_file_is_what_the_class_begins_with(kind):
    """An empty file: each of our fields is transformers' default."""
    try:
        ours = configured(kind.reads, {})
    except ValueError:
        assert kind.reads is ernie.READS  # transformers' ERNIE has no tasks unless it is told to
        return
    theirs = kind.config().to_dict()
    theirs |= theirs.get("rope_parameters") or {}
    for field in fields(ours):
        if field.name in theirs and getattr(ours, field.name) is not None:
            assert getattr(ours, field.name) == theirs[field.name], field.name


@each
def test_what_nobody_knows_is_refused(kind, folder):
    written = json.loads((folder / "config.json").read_text())
    for key, value in (("sliding_windows", 4), ("auto_map", {"AutoModel": "x.Y"}),
                       ("quantization_config", {"bits": 4})):  # fmt: skip
        _, said = ask(kind, folder, {**written, key: value})
        assert key in said
        assert f"{folder / 'config.json'}" in said
    for damaged in ("[]", "null", '{"a": ', "\xff", "[" * 100_000):
        (folder / "config.json").write_text(damaged, encoding="latin-1")
        with pytest.raises(ValueError, match=r"config\.json: (expected|not )"):
            kind.ours(str(folder))


values = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from([2**31, 2**70, 1e308, -0.1]),
    st.floats(allow_nan=True), st.text(max_size=3), st.lists(st.integers(0, 2), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(0, 2), max_size=1))  # fmt: skip


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_a_value_of_any_kind_is_a_configuration_or_a_value_error(data):
    """No field takes a value of another type, and nothing else than ValueError gets out."""
    kind = KINDS[data.draw(st.sampled_from(list(KINDS)))]
    keys = [field.name for field in fields(kind.reads.config)]  # ty: ignore[invalid-argument-type]
    keys += ["head_dim", "d_head", "rope_parameters", "rope_scaling", "dense_act_fn", "use_task_id"]
    given_ = data.draw(st.dictionaries(st.sampled_from(keys), values, min_size=1, max_size=3))
    try:
        config = configured(kind.reads, kind.sizes | given_)
    except ValueError:
        return
    for key, value in given_.items():
        if hasattr(config, key) and value is not None:
            assert getattr(config, key) == value
            assert isinstance(value, bool) == isinstance(getattr(config, key), bool)


# ---------------------------------------------------------------- what others have written

OLDER: list[tuple[str, dict[str, Any], str]] = [
    ("bert", {"position_embedding_type": "absolute", "pooler_type": "first_token_transform",
              "directionality": "bidi", "pooler_fc_size": 768, "output_past": True,
              "gradient_checkpointing": False, "torch_dtype": "float32"}, ""),
    ("bert", {"pad_token_id": None}, ""),
    ("bert", {"position_embedding_type": "relative_key"}, "position_embedding_type"),
    ("bert", {"is_decoder": True}, "is_decoder"),
    ("bert", {"hidden_act": "gelu_new"}, "hidden_act"),
    ("bert", {"pruned_heads": {"0": [1]}}, "pruned_heads"),
    ("bert", {"num_hidden_layers": 1}, "encoder.layer.1"),
    ("bert", {"hidden_size": "16"}, 'hidden_size of type int, got "16"'),
    ("bert", {"hidden_size": True}, "hidden_size of type int, got true"),
    ("bert", {"layer_norm_eps": None}, "layer_norm_eps of type float, got null"),
    ("bert", {"num_attention_heads": 0}, "num_attention_heads of at least 1, got 0"),
    ("bert", {"layer_norm_eps": float("nan")}, "NaN is no number of JSON at column"),
    ("bert-pretraining", {"tie_word_embeddings": False}, "tie_word_embeddings true, got false"),
    ("gpt", {"n_ctx": 1024, "n_special": 0, "predict_special_tokens": True, "do_sample": True,
             "task_specific_params": {"text-generation": {"max_length": 50}}}, ""),
    ("gpt", {"scale_attn_by_inverse_layer_idx": True}, "scale_attn_by_inverse_layer_idx"),
    ("gpt", {"scale_attn_weights": False}, "scale_attn_weights"),
    ("gpt", {"activation_function": "relu"}, "activation_function"),
    ("gpt", {"add_cross_attention": True}, "add_cross_attention"),
    ("llama", {"rope_parameters": None, "rope_theta": 10000.0, "rope_scaling": None,
               "rope_interleaved": False, "is_llama_config": True}, ""),
    ("llama", {"rope_scaling": {"type": "linear", "factor": 2.0}}, "plain rotary positions"),
    ("llama", {"rope_scaling": {"factor": 2.0}}, "plain rotary positions"),
    ("llama", {"rope_theta": 5e5}, "rope_theta"),
    ("llama", {"head_dim": 5}, "head_dim"),
    ("llama", {"attention_bias": True}, "attention_bias"),
    ("llama", {"mlp_bias": True}, "mlp_bias"),
    ("llama", {"hidden_act": "gelu"}, "hidden_act"),
    ("llama", {"sliding_window": 4}, 'unknown setting "sliding_window": 4'),
    ("longformer", {"attention_mode": "longformer", "ignore_attention_mask": False}, ""),
    ("bart", {"normalize_before": False, "add_final_layer_norm": False, "extra_pos_embeddings": 2,
              "num_hidden_layers": 2, "classif_dropout": 0.1}, ""),
    ("bart", {"normalize_before": True}, "normalize_before"),
    ("t5", {"n_positions": 512, "output_past": True}, ""),
    ("t5", {"dense_act_fn": "relu"}, "dense_act_fn"),
    ("t5", {"scale_decoder_outputs": False}, "scale_decoder_outputs"),
    ("xlnet", {"untie_r": True, "d_head": 4}, ""),
    ("xlnet", {"clamp_len": 2}, "clamp_len"),
    ("xlnet", {"attn_type": "uni"}, "attn_type"),
    ("xlnet", {"d_head": 5}, "d_head"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "changes", "message"), OLDER)
def test_keys_of_older_files(folders, tmp_path, name, changes, message):
    """Keys that files of the hub have, and that transformers 5 no longer asks about."""
    shutil.copytree(folders[name], tmp_path / "model")
    written = json.loads((tmp_path / "model" / "config.json").read_text())
    found, said = ask(KINDS[name], tmp_path / "model", written | changes)
    assert message in said
    assert (found is None) == bool(message)
    if found is not None:
        expected = reference(KINDS[name], folders[name])
        assert expected is not None
        assert apart(found, expected) < 1e-5


POOLER = {
    "directionality": "bidi",
    "pooler_fc_size": 768,
    "pooler_num_attention_heads": 12,
    "pooler_num_fc_layers": 3,
    "pooler_size_per_head": 128,
    "pooler_type": "first_token_transform",
}
#: The keys of config.json on the hub beside the sizes, as they stand there.
REAL: list[tuple[str, str, dict[str, Any]]] = [
    ("google-bert/bert-base-uncased", "bert-pretraining",
     {"architectures": ["BertForMaskedLM"], "gradient_checkpointing": False,
      "position_embedding_type": "absolute", "transformers_version": "4.6.0.dev0"}),
    ("google-bert/bert-base-chinese", "bert-pretraining",
     {"architectures": ["BertForMaskedLM"], **POOLER}),
    ("hfl/chinese-bert-wwm-ext", "bert", {**POOLER, "output_past": True}),
    ("hfl/chinese-roberta-wwm-ext", "bert",
     {**POOLER, "bos_token_id": 0, "eos_token_id": 2, "output_past": True}),
    ("BAAI/bge-small-zh-v1.5", "bert",
     {**POOLER, "_name_or_path": "x", "classifier_dropout": None, "bos_token_id": 0,
      "eos_token_id": 2, "id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0},
      "torch_dtype": "float32"}),
    ("sentence-transformers/all-MiniLM-L6-v2", "bert",
     {"_name_or_path": "nreimers/MiniLM-L6-H384-uncased", "architectures": ["BertModel"]}),
    ("cross-encoder/ms-marco-MiniLM-L6-v2", "bert",
     {"sbert_ce_default_activation_function": "torch.nn.modules.linear.Identity",
      "sentence_transformers": {"activation_fn": "torch.nn.modules.linear.Identity"}}),
    ("huawei-noah/TinyBERT_General_4L_312D", "bert",
     {"cell": {}, "emb_size": 312, "pre_trained": "", "structure": [], "training": ""}),
    ("google/muril-base-cased", "bert", {"embedding_size": 768}),
    ("deepset/bert-base-cased-squad2", "bert", {"language": "english", "name": "Bert"}),
    ("a file of transformers 2.3", "bert",
     {"pad_token_id": None, "eos_token_ids": 0, "xla_device": None, "output_past": True,
      "vocab_size_or_config_json_file": 28996, "finetuning_task": None, "torchscript": False}),
    ("nghuyong/ernie-3.0-base-zh", "ernie",
     {"architectures": ["ErnieForMaskedLM"], "use_task_id": True, "task_type_vocab_size": 3}),
    ("google/electra-small-discriminator", "electra-discriminator",
     {"summary_activation": "gelu", "summary_last_dropout": 0.1, "summary_type": "first",
      "summary_use_proj": True}),
    ("hfl/chinese-electra-180g-small", "electra", {**POOLER, "output_past": True}),
    ("allenai/longformer-base-4096", "longformer",
     {"attention_mode": "longformer", "ignore_attention_mask": False, "bos_token_id": 0,
      "eos_token_id": 2, "sep_token_id": 2, "gradient_checkpointing": False}),
    ("openai-community/gpt2", "gpt",
     {"n_ctx": 1024, "summary_activation": None, "summary_first_dropout": 0.1,
      "summary_proj_to_labels": True, "summary_type": "cls_index", "summary_use_proj": True,
      "task_specific_params": {"text-generation": {"do_sample": True, "max_length": 50}}}),
    ("uer/gpt2-chinese-cluecorpussmall", "gpt",
     {"tokenizer_class": "BertTokenizer", "output_past": True, "gradient_checkpointing": False}),
    ("meta-llama/Llama-2-7b-hf", "llama",
     {"pretraining_tp": 1, "rope_scaling": None, "torch_dtype": "float16", "use_cache": True}),
    ("huggyllama/llama-7b", "llama", {"max_sequence_length": 2048, "pad_token_id": 0}),
    ("TinyLlama/TinyLlama-1.1B-Chat-v1.0", "llama",
     {"attention_bias": False, "pretraining_tp": 1, "rope_scaling": None, "rope_theta": 10000.0}),
    ("HuggingFaceTB/SmolLM2-135M-Instruct", "llama",
     {"attention_bias": False, "attention_dropout": 0.0, "is_llama_config": True,
      "mlp_bias": False, "pad_token_id": 2, "pretraining_tp": 1, "rope_interleaved": False,
      "rope_scaling": None, "rope_theta": 10000,
      "transformers.js_config": {"kv_cache_dtype": {"fp16": "float16"}}}),
    ("unsloth/tinyllama", "llama", {"unsloth_fixed": True, "unsloth_version": "2024.9"}),
    ("google/flan-t5-small", "t5",
     {"classifier_dropout": 0.0, "dense_act_fn": "gelu_new", "is_gated_act": True,
      "n_positions": 512, "output_past": True, "initializer_factor": 1.0,
      "task_specific_params": {"summarization": {"early_stopping": True, "prefix": "x: "}}}),
    ("facebook/bart-base", "bart",
     {"add_bias_logits": False, "add_final_layer_norm": False, "classif_dropout": 0.1,
      "classifier_dropout": 0.0, "early_stopping": True, "forced_bos_token_id": 0,
      "forced_eos_token_id": 2, "gradient_checkpointing": False, "init_std": 0.02,
      "no_repeat_ngram_size": 3, "normalize_before": False, "normalize_embedding": True,
      "num_beams": 4, "num_hidden_layers": 2,
      "task_specific_params": {"summarization": {"length_penalty": 1.0}}}),
    ("xlnet/xlnet-base-cased", "xlnet",
     {"attn_type": "bi", "bi_data": False, "clamp_len": -1, "d_head": 4, "end_n_top": 5,
      "mem_len": None, "reuse_len": None, "same_length": False, "start_n_top": 5,
      "summary_activation": "tanh", "summary_last_dropout": 0.1, "summary_type": "last",
      "summary_use_proj": True, "untie_r": True}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "keys"), [one[1:] for one in REAL], ids=[one[0] for one in REAL])
def test_models_in_wide_use_are_read(folders, tmp_path, name, keys):
    """The sizes are small, all else as on the hub; ours gives what theirs does with these files."""
    shutil.copytree(folders[name], tmp_path / "model")
    written = json.loads((tmp_path / "model" / "config.json").read_text())
    found, said = ask(KINDS[name], tmp_path / "model", written | keys)
    expected = reference(KINDS[name], tmp_path / "model")
    assert said == ""
    assert found is not None
    assert expected is not None
    assert apart(found, expected) < 1e-5


@pytest.mark.parametrize(
    ("name", "keys", "message"),
    [  # each computes something else
        ("llama", {"model_type": "qwen2", "use_sliding_window": False}, 'got "qwen2"'),
        ("llama", {"model_type": "mistral", "sliding_window": 4096}, 'got "mistral"'),
        ("llama", {"rope_theta": 5e5, "rope_parameters": None,
                   "rope_scaling": {"factor": 32.0, "rope_type": "llama3"}}, "rotary positions"),
        ("bert", {"model_type": "distilbert"}, 'got "distilbert"'),
        ("bert", {"model_type": "roberta"}, 'got "roberta"'),
        ("ernie", {"use_task_id": False}, "use_task_id true, got false"),
        ("t5", {"model_type": "mt5"}, 'got "mt5"'),
        ("bart", {"model_type": "mbart", "normalize_before": True}, 'got "mbart"'),
        ("bert", {"pad_token_id": 40}, "pad_token_id below vocab_size 40, got 40"),
        ("longformer", {"pad_token_id": 2**70}, "pad_token_id below vocab_size 40"),
        ("bart", {"decoder_start_token_id": 40}, "decoder_start_token_id below vocab_size 40"),
        ("bart", {"num_hidden_layers": 1}, "num_hidden_layers 2, got 1"),
        ("t5", {"feed_forward_proj": ["relu"]}, "feed_forward_proj of type str"),
        ("t5", {"relative_attention_max_distance": 4}, "got 8 and 4"),
        ("t5", {"relative_attention_num_buckets": 3}, "got 3 and 6"),
    ],
)  # fmt: skip
def test_other_models_are_refused(folders, tmp_path, name, keys, message):
    shutil.copytree(folders[name], tmp_path / "model")
    written = json.loads((tmp_path / "model" / "config.json").read_text())
    found, said = ask(KINDS[name], tmp_path / "model", written | keys)
    assert found is None
    assert message in said


def test_twins_that_are_tied_must_be_equal_in_the_file(folders, tmp_path):
    """Of two tensors for one parameter the one that came last used to win."""
    shutil.copytree(folders["gpt"], tmp_path / "model")
    path = tmp_path / "model" / "model.safetensors"
    state = load_safetensors(path)
    state["lm_head.weight"] = state["transformer.wte.weight"].clone()
    save_safetensors(path, state)
    Gpt.from_pretrained(str(tmp_path / "model"))
    state["lm_head.weight"] = state["lm_head.weight"] + 1
    save_safetensors(path, state)
    with pytest.raises(CheckpointError, match=r"wte\.weight and lm_head\.weight to be equal"):
        Gpt.from_pretrained(str(tmp_path / "model"))


def test_a_head_of_its_own_that_is_missing_is_not_made_of_the_words(folders, tmp_path):
    """A Llama whose head is not tied and not in the file had the embeddings for a head."""
    shutil.copytree(folders["llama"], tmp_path / "model")
    path = tmp_path / "model" / "model.safetensors"
    state = load_safetensors(path)
    del state["lm_head.weight"]
    save_safetensors(path, state)
    with pytest.raises(CheckpointError, match=r"lm_head\.weight is missing"):
        Llama.from_pretrained(str(tmp_path / "model"))


def test_the_models_of_the_book_are_read():
    Bert.from_pretrained(MINILM)
