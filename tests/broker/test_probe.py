"""What the probe says of servers that are not what they should be. Each is a real TCP server speaking real bytes."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator

import pytest

from streams.broker.errors import BrokerError
from streams.broker.probe import probe

API_VERSIONS, METADATA, FETCH, TXN_OFFSET_COMMIT = 18, 3, 1, 28
KAFKA_1_0 = {0: 5, FETCH: 6, 2: 2, METADATA: 0, API_VERSIONS: 0, TXN_OFFSET_COMMIT: 0}

Respond = Callable[[bytes, int], bytes]


@pytest.fixture
def serve() -> Iterator[Callable[[Respond], int]]:
    """Starts a TCP server that answers each received chunk with `respond(chunk, port)`, and gives its port."""
    listeners: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(respond: Respond) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        port = int(listener.getsockname()[1])

        def talk(connection: socket.socket) -> None:
            with connection:
                while chunk := connection.recv(65_536):
                    connection.sendall(respond(chunk, port))

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threads.append(threading.Thread(target=talk, args=(connection,)))
                threads[-1].start()

        threads.append(threading.Thread(target=accept))
        threads[-1].start()
        return port

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join(5)


def kafka_1_0(request: bytes, port: int) -> bytes:
    """ApiVersions v0 and Metadata v0 as the Kafka protocol guide lays them out; one request per chunk."""
    _size, key, _version, correlation = struct.unpack_from(">ihhi", request)
    if key == API_VERSIONS:
        body = struct.pack(">hi", 0, len(KAFKA_1_0)) + b"".join(struct.pack(">hhh", api, 0, top) for api, top in KAFKA_1_0.items())
    else:
        host = b"127.0.0.1"
        body = struct.pack(">ii", 1, 0) + struct.pack(">h", len(host)) + host + struct.pack(">i", port) + struct.pack(">i", 0)
    return struct.pack(">ii", len(body) + 4, correlation) + body


def test_a_broker_without_fenced_offsets_is_too_old(serve: Callable[[Respond], int]) -> None:
    port = serve(kafka_1_0)

    with pytest.raises(BrokerError) as caught:
        probe(f"127.0.0.1:{port}", timeout_s=5)

    assert str(caught.value) == (
        f"Kafka at 127.0.0.1:{port} is too old (release older than 2.1): Playcall needs 2.5 or newer for fenced transactions; "
        "upgrade it, or point PLAYCALL_BOOTSTRAP elsewhere"
    )


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00" * 64], ids=["a web server", "zeros"])
def test_a_server_that_is_no_kafka_is_an_error_within_the_timeout(serve: Callable[[Respond], int], answer: bytes) -> None:
    port = serve(lambda _request, _port: answer)

    with pytest.raises(BrokerError, match=rf"127\.0\.0\.1:{port} (does not answer|answers, but not as Kafka does)"):
        probe(f"127.0.0.1:{port}", timeout_s=2)


def test_a_server_that_says_nothing_is_given_up_in_time(serve: Callable[[Respond], int]) -> None:
    port = serve(lambda _request, _port: b"")

    with pytest.raises(BrokerError, match="does not answer"):
        probe(f"127.0.0.1:{port}", timeout_s=1)
