"""Files are written whole or not at all, and nothing is left beside them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import tilewright
from tilewright._files import write_whole

posix = pytest.mark.skipif(os.name == "nt", reason="links, modes and signals are other ones there")


def write(path, content=b"new"):
    write_whole(path, lambda file: file.write(content))


def hidden(folder):
    return [path for path in folder.iterdir() if path.name.startswith(".tilewright-")]


def test_a_file_is_there_whole_or_as_it_was(tmp_path):
    path = tmp_path / "file"
    write(path, b"old")

    def fails(file):
        file.write(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole(path, fails)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@posix
def test_links_stay_links_and_modes_stay(tmp_path):
    link, place = tmp_path / "link", tmp_path / "folder" / "file"
    place.parent.mkdir()
    link.symlink_to("folder/file")
    write(link)
    for mode in (0o600, 0o464):
        place.chmod(mode)
        write(link, b"newer")
        assert link.is_symlink()
        assert place.read_bytes() == b"newer"
        assert place.stat().st_mode & 0o777 == mode
    assert list(place.parent.iterdir()) == [place]


@posix
def test_a_full_disk_and_a_missing_folder_name_the_file(tmp_path):
    path = tmp_path / "file"
    code = (
        "import resource, signal, sys; from pathlib import Path; from tilewright._files import write_whole\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
        "write_whole(Path(sys.argv[1]), lambda file: file.write(bytes(100)))"
    )
    ended = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, env=environment())
    assert ended.stderr.endswith(f"File too large: '{path}'\n")
    assert not list(tmp_path.iterdir())
    with pytest.raises(FileNotFoundError, match="nowhere/file"):
        write(tmp_path / "nowhere" / "file")


@posix
def test_what_was_killed_is_cleared_up_by_the_next(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from tilewright._files import write_whole\n"
        "write_whole(Path(sys.argv[1]), lambda file: (print('begun', flush=True), time.sleep(600)))"
    )
    (tmp_path / ".tilewright-notes").write_text("mine")
    arguments = [sys.executable, "-c", code, tmp_path / "file"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stdout.readline() == "begun\n"
        at_work = hidden(tmp_path)
        assert len(at_work) == 2
        write(tmp_path / "other")
        assert hidden(tmp_path) == at_work, "what is at work is left alone"
        process.send_signal(signal.SIGKILL)
    assert hidden(tmp_path) == at_work
    write(tmp_path / "other")
    assert [path.name for path in hidden(tmp_path)] == [".tilewright-notes"]
    assert not (tmp_path / "file").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device")
def test_what_is_no_file_is_written_to():
    with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
        write(Path("/dev/full"))


def environment():
    return {**os.environ, "PYTHONPATH": str(Path(tilewright.__file__).parents[1])}
