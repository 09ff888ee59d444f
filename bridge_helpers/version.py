"""The version, for the package's metadata, its requests' user agent and its notebooks' folder."""

VERSION = "0.1.0"
