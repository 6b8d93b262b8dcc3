"""machine.py: a small virtual machine that runs the program, and whose power can be cut.

Debian's cloud kernel under software emulation (no KVM is needed), an initramfs of busybox and the program with its
libraries, and an ext4 disk whose writes bypass the host's cache (cache=none): after SIGKILL the disk contains what the
machine had written to it, as after a loss of power. The machine has no network. Boots in 3 to 10 seconds."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

kernel_package = "linux-image-cloud-amd64"
wanted_modules = ["virtio_pci", "virtio_blk", "crc32c_generic", "ext4"]


def output_of(*words, cwd=None):
    return subprocess.run(words, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True).stdout


def unpack_kernel(folder):
    """Downloads and unpacks Debian's newest cloud kernel, without installing it; returns its directory and version."""
    depends = output_of("apt-cache", "depends", kernel_package)
    package = re.search(r"Depends: (linux-image-\S+)", depends)[1]
    subprocess.run(["apt-get", "download", package], cwd=folder, check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    root = folder / "kernel"
    subprocess.run(["dpkg-deb", "-x", next(folder.glob("linux-image-*.deb")), root], check=True)
    return root, next((root / "boot").glob("vmlinuz-*"))


def module_order(root):
    """The wanted modules and their dependencies, in load order; a built-in module needs no file."""
    modules = next((root / "lib/modules").iterdir())
    subprocess.run(["depmod", "-b", root, modules.name], check=True)
    needs, by_name = {}, {}
    for line in (modules / "modules.dep").read_text().splitlines():
        path, _, needed = line.partition(":")
        needs[path] = needed.split()
        by_name[pathlib.Path(path).name.split(".")[0].replace("-", "_")] = path
    order = []

    def add(path):
        for other in needs[path]:
            add(other)
        if path not in order:
            order.append(path)

    for name in wanted_modules:
        if name in by_name:
            add(by_name[name])
    return [modules / path for path in order]


def copy_program(program, root):
    """Copies the program and its libraries, to the paths at which it looks for them."""
    (root / "program").mkdir()
    shutil.copy(program, root / "program/marketcron")
    for library in re.findall(r"(/\S+) \(0x", output_of("ldd", program)):
        target = root / library.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, target)


class Machine:
    """A disk, and the virtual machine that boots with it. Its /dev/ttyS1 writes to the host's file `witness`."""

    def __init__(self, folder, program, init, files):
        self.folder = pathlib.Path(folder)
        root, self.kernel = unpack_kernel(self.folder)
        self.make_initramfs(root, program, init, files)
        self.disk = self.folder / "disk"
        with open(self.disk, "wb") as disk:
            disk.truncate(256 << 20)
        subprocess.run(["mke2fs", "-q", "-t", "ext4", self.disk], check=True)
        self.witness = self.folder / "witness"
        self.witness.touch()
        self.console = self.folder / "console"
        self.process = None

    def make_initramfs(self, kernel_root, program, init, files):
        root = self.folder / "initramfs"
        for name in ("bin", "proc", "sys", "dev", "tmp", "disk", "modules", "etc", "usr/share"):
            (root / name).mkdir(parents=True)
        shutil.copy("/bin/busybox", root / "bin/busybox")
        shutil.copy(init, root / "init")
        (root / "init").chmod(0o755)
        (root / "etc/passwd").write_text("root:x:0:0:root:/:/bin/sh\n")
        (root / "etc/group").write_text("root:x:0:\n")
        shutil.copytree("/usr/share/zoneinfo", root / "usr/share/zoneinfo", symlinks=True,
                        ignore=shutil.ignore_patterns("right", "posix"))
        copy_program(program, root)
        for name, text in files.items():
            (root / name).write_text(text)
            (root / name).chmod(0o600)
        order = []
        for module in module_order(kernel_root):
            shutil.copy(module, root / "modules" / module.name)
            order.append(f"/modules/{module.name}\n")
        (root / "modules/order").write_text("".join(order))
        self.initramfs = self.folder / "initramfs.gz"
        with open(self.initramfs, "wb") as archive:
            subprocess.run("find . | cpio -o -H newc --quiet | gzip -1", shell=True, cwd=root, stdout=archive, check=True)
        shutil.rmtree(root)
        shutil.rmtree(kernel_root / "lib")

    def boot(self, words=""):
        """Starts the machine; `console` gets its output from now on."""
        self.console.write_bytes(b"")
        self.process = subprocess.Popen(
            ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-m", "384", "-display", "none", "-no-reboot", "-nodefaults",
             "-monitor", "none", "-serial", f"file:{self.console}", "-chardev", f"file,id=w,path={self.witness},append=on",
             "-serial", "chardev:w", "-kernel", str(self.kernel), "-initrd", str(self.initramfs),
             "-drive", f"file={self.disk},if=virtio,format=raw,cache=none",
             "-append", f"console=ttyS0 quiet panic=-1 {words}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def said(self):
        return self.console.read_text(errors="replace")

    def await_word(self, word, seconds):
        """Waits for that word in the console; false on a timeout, or if the machine switched itself off without it."""
        until = time.monotonic() + seconds
        while word not in self.said():
            if time.monotonic() > until or self.process.poll() is not None:
                return word in self.said()
            time.sleep(0.05)
        return True

    def cut_power(self):
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def file(self, path):
        """The content of a file on the disk, while the machine is off."""
        return output_of("debugfs", "-R", f"cat {path}", str(self.disk))
