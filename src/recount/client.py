"""A kernel client that knows when its kernel is ready, instead of waiting to see.

The stock client asks for the kernel's info, then listens for a fifth of a second until it hears nothing more:
by then its subscription to the kernel's outputs must be in place. ipykernel 7 says so itself, with the message
`iopub_welcome`; from there on nothing can be lost, and the wait has an end that is no guess.
"""

from __future__ import annotations

import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING, Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from traitlets import Bool, Unicode, default

from recount.errors import Finding, WrongUse
from recount.provisioner import PROVISIONER

if TYPE_CHECKING:
    from recount.wired_client import ClientEnd

PATIENCE = 60  # seconds, where none are named
TRANSPORT = "RECOUNT_TRANSPORT"
__all__ = ["TRANSPORT", "ForkingManager", "ReadyClient", "ReadyManager", "by_wire"]


def by_wire(given: str | None = None, *, usual: str = "zmq") -> bool:
    """Whether forked kernels are to speak by a wire: the transport given, or RECOUNT_TRANSPORT, or the ``usual`` one.

    Raises WrongUse for what is no transport.
    """
    asked = given or os.environ.get(TRANSPORT) or usual
    if asked not in ("zmq", "wire"):
        raise WrongUse(Finding(code="kernel.transport", where="transport" if given else TRANSPORT, expected="zmq or wire", found=repr(asked),
                               done="nothing was run"))
    return asked == "wire"


class ReadyClient(AsyncKernelClient):
    """Ready once the kernel has welcomed it and answered one question, to the last message of that answer."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Raises RuntimeError where the kernel dies first, or says nothing within ``timeout`` seconds."""
        end = time.monotonic() + (timeout or PATIENCE)
        await self._hear(self.iopub_channel, lambda message: message["msg_type"] == "iopub_welcome", end, timeout)
        asked = self.kernel_info()
        answer = await self._hear(self.shell_channel, lambda message: message["parent_header"].get("msg_id") == asked, end, timeout)
        self._handle_kernel_info_reply(answer)
        await self._hear(self.iopub_channel, lambda message: message["parent_header"].get("msg_id") == asked
                         and message["content"].get("execution_state") == "idle", end, timeout)

    async def _hear(self, channel: Any, wanted: Any, end: float, timeout: float | None) -> dict[str, Any]:
        while True:
            try:
                message = await channel.get_msg(timeout=0.5)
            except Empty:
                if not await self.is_alive():
                    raise RuntimeError("Kernel died before replying to kernel_info") from None
                if time.monotonic() > end:
                    raise RuntimeError(f"Kernel didn't respond in {timeout or PATIENCE} seconds") from None
            else:
                if wanted(message):
                    return message


class ReadyManager(AsyncKernelManager):
    """A kernel manager whose clients are of this kind, or speak by the wire of a kernel that has one."""

    client_factory = ReadyClient
    wired = Bool(False, config=True, help="Whether its kernels, where they are forked, speak by a wire.")
    _wired: ClientEnd | None = None

    def client(self, **kwargs: Any) -> AsyncKernelClient:
        end = self._end()
        if end is None:
            return super().client(**kwargs)
        from recount.wired_client import WiredClient

        return WiredClient(**{**self.get_connection_info(session=True), "parent": self, "end": end, **kwargs})

    def _create_connected_socket(self, channel: str, identity: bytes | None = None) -> Any:
        end = self._end()
        return super()._create_connected_socket(channel, identity) if end is None else end.ports[channel]

    def _end(self) -> ClientEnd | None:
        wire = getattr(self.provisioner, "wire", None)
        if wire is None:
            return None
        from recount.wired_client import ClientEnd

        if self._wired is None or self._wired.wire is not wire:
            self._wired = ClientEnd(wire)
        return self._wired


class ForkingManager(ReadyManager):
    """A manager that asks a template for its kernel, whatever its kernelspec says of where to get one."""

    template = Unicode("", config=True, help="The template's socket.")

    @classmethod
    def of(cls, template: str, *, wired: bool) -> type[ForkingManager]:
        """The class of managers of one template. Not a setting for each: whoever asks for a manager names a class."""
        return type(cls.__name__, (cls,), {"template": Unicode(template), "wired": Bool(wired)})

    @default("transport")
    def _transport(self) -> str:
        return "ipc"  # sockets by file: no other kernel can take a port first

    @default("connection_file")
    def _connection_file(self) -> str:
        """In the template's folder, whose name is short: a socket's name has little room."""
        return str(Path(self.template).with_name(f"{uuid.uuid4().hex[:12]}.json")) if self.template and self.transport == "ipc" else ""

    @property
    def kernel_spec(self) -> KernelSpec | None:
        spec = super().kernel_spec
        if spec is not None and self.template:
            spec.metadata["kernel_provisioner"] = {"provisioner_name": PROVISIONER, "config": {"template": self.template}}
        return spec
