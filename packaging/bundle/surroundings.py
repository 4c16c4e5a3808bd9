"""Runs before the program in a package that brings its own Python.

The OpenSSL that came along looks for certificates where the machine it was built on had them: where nothing is there, those of
the library certifi are used. And what the program starts (the browser for a link) must find the system's libraries, not
the ones in the package: the loader of this process has read LD_LIBRARY_PATH already.
"""

import os
import ssl

_before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
if _before:
    os.environ["LD_LIBRARY_PATH"] = _before
else:
    os.environ.pop("LD_LIBRARY_PATH", None)

if not os.environ.get("SSL_CERT_FILE") and not os.environ.get("SSL_CERT_DIR"):
    _places = ssl.get_default_verify_paths()
    if not (_places.cafile or _places.capath):
        import certifi

        os.environ["SSL_CERT_FILE"] = certifi.where()
