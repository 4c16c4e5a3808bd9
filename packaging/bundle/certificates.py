"""Runs before the program in a package that brings its own Python: the OpenSSL that came along looks for certificates where
the machine it was built on had them. Where nothing is there, those of the library certifi are used.
"""

import os
import ssl

if not os.environ.get("SSL_CERT_FILE") and not os.environ.get("SSL_CERT_DIR"):
    _places = ssl.get_default_verify_paths()
    if not (_places.cafile or _places.capath):
        import certifi

        os.environ["SSL_CERT_FILE"] = certifi.where()
