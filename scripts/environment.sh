# Makes a virtual environment and installs hikaku in it: environment.sh PYTHON VENV WHAT
# It says what it does, since the first time takes minutes, and names the mend of what it lacks.
set -eu
python=$1
venv=$2
what=$3

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

command -v "$python" >/dev/null 2>&1 || fail \
    "There is no '$python' here. hikaku needs Python 3.11 or later." \
    "mend: install it, or name another one, such as: make demo PYTHON=python3.12"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail \
    "hikaku needs Python 3.11 or later; '$python' is $("$python" -V 2>&1)." \
    "mend: name a newer one, such as: make demo PYTHON=python3.12"
"$python" -c 'import ensurepip, venv' 2>/dev/null || fail \
    "'$python' comes without the modules venv and ensurepip, which build a virtual environment." \
    "mend: on Debian and Ubuntu, sudo apt-get install python3-venv (for a Python beside the" \
    "      system's own: python3.12-venv); elsewhere, Python from python.org has them."

if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    echo "Making a virtual environment in $venv"
    "$python" -m venv --clear "$venv"
fi
echo "Installing hikaku and the libraries it stands on into $venv."
echo "The first time this downloads PyTorch: some minutes, and 1 to 6 GB of disk."
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --constraint constraints.txt --editable "$what" ||
    fail "The installation did not finish. mend: run the same command again; what was" \
         "downloaded is kept. Behind a proxy or without network, pip's message above says more."
