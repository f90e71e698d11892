"""A kernel client that knows when its kernel is ready, instead of waiting to see.

The stock client asks for the kernel's info, then listens for a fifth of a second until it hears nothing more:
by then its subscription to the kernel's outputs must be in place. ipykernel 7 says so itself, with the message
`iopub_welcome`; from there on nothing can be lost, and the wait has an end that is no guess.
"""

from __future__ import annotations

import time
from queue import Empty
from typing import Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from traitlets import Unicode

from recount.provisioner import PROVISIONER

PATIENCE = 60  # seconds, where none are named
__all__ = ["ForkingManager", "ReadyClient", "ReadyManager"]


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
    """A kernel manager whose clients are of this kind."""

    client_factory = ReadyClient


class ForkingManager(ReadyManager):
    """A manager that asks a template for its kernel, whatever its kernelspec says of where to get one."""

    template = Unicode("", config=True, help="The template's socket.")

    @property
    def kernel_spec(self) -> KernelSpec | None:
        spec = super().kernel_spec
        if spec is not None and self.template:
            spec.metadata["kernel_provisioner"] = {"provisioner_name": PROVISIONER, "config": {"template": self.template}}
        return spec
