#!/usr/bin/env bash
# The enot command from outside: exit codes, messages, no partial output, round trips. Usage: test_cli.sh ENOT
set -u
enot=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export LSAN_OPTIONS=suppressions=$here/lsan.supp:print_suppressions=0
data=$here/../data
failures=0 cases=0

fail() {
    failures=$((failures + 1))
    echo "FAIL: $1"
    shift
    printf '      %s\n' "$@"
}

# refused CODE PATTERN COMMAND...: exits with CODE, says one line that matches PATTERN, prints and leaves nothing.
refused() {
    local code=$1 pattern=$2 result
    shift 2
    cases=$((cases + 1))
    rm -rf out*
    "$enot" "$@" >stdout 2>stderr </dev/null
    result=$?
    [ "$result" = "$code" ] || fail "enot $*" "exit code $result instead of $code" "$(head -c 2000 stderr)"
    [ "$(wc -l <stderr)" = 1 ] || fail "enot $*" "not one line on stderr:" "$(head -c 2000 stderr)"
    grep -Eqi -- "^enot( [a-z0-9]+)*: .*($pattern)" stderr || fail "enot $*" "no match of: $pattern" "$(head -c 2000 stderr)"
    [ -s stdout ] && fail "enot $*" "wrote to stdout"
    compgen -G 'out*' >/dev/null && fail "enot $*" "left a file: $(echo out*)"
}

# works COMMAND...: exits with 0; output is in stdout and stderr.
works() {
    cases=$((cases + 1))
    "$enot" "$@" >stdout 2>stderr </dev/null || fail "enot $*" "exit code $?" "$(head -c 2000 stderr)"
}

# check TEXT CONDITION...
check() {
    local text=$1
    shift
    cases=$((cases + 1))
    "$@" || fail "$text" "not true: $*"
}

json_object() {
    [ "$(head -c 1 stdout)" = '{' ] || return 1
    ! command -v python3 >/dev/null || python3 -m json.tool stdout >/dev/null
}

has_key() { grep -q "\"$1\":" stdout; }

# near FILE FILE TOLERANCE: the same CSV numbers.
near() {
    paste -d, "$1" "$2" | awk -F, -v tolerance="$3" '{
        n = NF / 2
        for (i = 1; i <= n; i++) { d = $i - $(i + n); if (d < 0) d = -d; if (d > tolerance) exit 1 }
    }'
}

# numbers ROWS COLUMNS SHIFT: a CSV of reproducible noise.
numbers() {
    awk -v rows="$1" -v columns="$2" -v shift_by="$3" 'BEGIN {
        srand(columns + shift_by)
        for (i = 0; i < rows; i++) for (j = 1; j <= columns; j++)
            printf "%.6f%s", rand() + rand() + shift_by, j < columns ? "," : "\n"
    }'
}

# little_endian N: eight bytes.
little_endian() {
    local n=$1 i
    for ((i = 0; i < 8; i++)); do
        printf '%b' "\\x$(printf %02x $(((n >> (8 * i)) & 255)))"
    done
}

# npy SHAPE DATA_BYTES: a .npy file of f8 with that much data.
npy() {
    printf '\x93NUMPY\x01\x00\x76\x00'
    printf '%-117s\n' "{'descr': '<f8', 'fortran_order': False, 'shape': $1, }"
    head -c "$2" /dev/zero
}

# safetensors HEADER DATA_BYTES
safetensors() {
    little_endian ${#1}
    printf '%s' "$1"
    head -c "$2" /dev/zero
}

# idx COUNT FIRST: an idx file of COUNT images of 8 x 8 grey pixels, whose bytes are those of a file of text from FIRST on.
idx() {
    printf '%b' "\\0\\0\\x8\\x3\\0\\0\\0\\x$(printf %x "$1")\\0\\0\\0\\x8\\0\\0\\0\\x8"
    tail -c "+$2" "$data/winequality-red.csv" | head -c $((64 * $1))
}

# coloured COUNT: a .npy of COUNT images of 8 x 8 RGB pixels of bytes.
coloured() {
    printf '\x93NUMPY\x1\x0\x76\x0%-117s\n' "{'descr': '|u1', 'fortran_order': False, 'shape': ($1, 8, 8, 3), }"
    head -c $((192 * $1)) "$data/winequality-red.csv"
}

tiny=(--steps 20 --hidden 8 --batch 32 --threads 1)
numbers 120 2 0 >a.csv
numbers 120 2 1 >b.csv
numbers 120 3 0 >three.csv

test_usage() {
    refused 2 'unknown command "fti".*did you mean fit' fti
    refused 2 'TARGET is missing' fit a.csv -o out
    refused 2 'one argument too many' fit a.csv b.csv c.csv -o out
    refused 2 '-o MAP is missing' fit a.csv b.csv
    refused 2 'did you mean --expectile\?' fit a.csv b.csv --expectle 1 -o out
    refused 2 'needs a value' fit a.csv b.csv -o
    refused 2 'did you mean dot_product' fit a.csv b.csv --form dotproduct -o out
    refused 2 'did you mean column' fit a.csv b.csv --scale colum -o out
    refused 2 'not a whole number' fit a.csv b.csv --batch -4 -o out
    refused 2 'not a number' fit a.csv b.csv --lr fast -o out
    refused 2 'list of widths' fit a.csv b.csv --hidden 8,,8 -o out
    refused 2 'both be standard input' fit - - -o out
    refused 2 'must end in' recolor a.csv b.csv -o out.gif
    refused 2 'must end in .png' plot map a.csv b.csv -o out.gif
    "$enot" >stdout 2>stderr
    check 'without arguments: exit code 2' [ $? = 2 ]
    check 'without arguments: usage' grep -q '^usage: enot' stderr
    works --version
    check 'version and kernels' [ "$(wc -l <stdout)" -ge 2 ]
    local command
    for command in fit apply eval grid plot info sample recolor costs measures tutorial bench; do
        works "$command" --help
        check "$command --help has an example" grep -q '^Example:' stdout
    done
    works bench step --help
    check 'bench step --help has an example' grep -q '^Example:' stdout
    works help fit
    check 'help fit shows the options of fit' grep -q -- '--checkpoint-every' stdout
}

test_tables() {
    : >empty.csv
    echo 'x,y' >header.csv
    { cat a.csv; echo '1,2,3'; } >ragged.csv
    { head -5 a.csv; echo '1,abc'; cat a.csv; } >text.csv
    { head -5 a.csv; echo '1,nan'; cat a.csv; } >nan.csv
    { head -5 a.csv; echo 'inf,1'; cat a.csv; } >inf.csv
    head -1 a.csv >one.csv
    yes 1,2 | head -50 >equal.csv
    refused 1 'absent.csv.*(open|no such)' fit absent.csv b.csv -o out
    refused 1 'empty.csv.*empty' fit empty.csv b.csv -o out
    refused 1 'header.csv.*no row' fit header.csv b.csv -o out
    refused 1 'ragged.csv, line 121.*3 columns' fit ragged.csv b.csv -o out
    refused 1 'text.csv, line 6, column 2.*abc' fit text.csv b.csv -o out
    refused 1 'nan.csv, (line|row) 6, column 2' fit nan.csv b.csv -o out
    refused 1 'inf.csv, (line|row) 6, column 1' fit a.csv inf.csv -o out
    refused 1 'columns|dimension' fit a.csv three.csv -o out
    refused 1 'one.csv.*row' fit one.csv b.csv -o out
    refused 1 'equal.csv.*equal' fit a.csv equal.csv -o out
    refused 2 'columns' fit a.csv b.csv --columns 1-7 -o out
    awk '{print $0 ",5"}' a.csv >constant_a.csv
    awk '{print $0 ",5"}' b.csv >constant_b.csv
    works fit constant_a.csv constant_b.csv "${tiny[@]}" -q -o constant.safetensors
}

test_binary_files() {
    npy '(100, 2)' 1600 >good.npy
    npy '(100, 2)' 800 >short.npy
    npy '(9223372036854775808, 2)' 1600 >huge.npy
    npy '(4611686018427387904, 4)' 1600 >overflow.npy
    npy '(-5, 2)' 1600 >negative.npy
    head -c 40 good.npy >cut.npy
    local name
    for name in short huge overflow negative cut; do
        refused 1 "$name.npy" fit "$name.npy" b.csv -o out
    done
    safetensors '{"x":{"dtype":"F64","shape":[100,2],"data_offsets":[0,1600]}}' 800 >short.safetensors
    safetensors '{"x":{"dtype":"F64","shape":[5,2],"data_offsets":[0,80]},"y":{"dtype":"F64","shape":[5,2],"data_offsets":[40,120]}}' \
        120 >overlap.safetensors
    safetensors '{"x":{"dtype":"F64","shape":[5,2],"data_offsets":[-80,0]}}' 80 >negative.safetensors
    safetensors '{"x":{"dtype":"F64","shape":[9223372036854775808,2],"data_offsets":[0,80]}}' 80 >huge.safetensors
    { little_endian 9223372036854775807; printf '{}'; } >header.safetensors
    for name in short overlap negative huge header; do
        refused 1 "$name.safetensors" fit "$name.safetensors" b.csv -o out
        refused 1 "$name.safetensors" apply "$name.safetensors" a.csv -o out.csv
    done
}

test_options() {
    refused 2 'did you mean .*pnorm' fit a.csv b.csv --cost pnrom -o out
    refused 2 'no parameter' fit a.csv b.csv --cost pnorm:q=2 -o out
    refused 2 'p is 1' fit a.csv b.csv --cost pnorm:p=1 -o out
    refused 2 'p is 0.5' fit a.csv b.csv --cost sq_pnorm:p=0.5 -o out
    refused 2 '\.5' fit a.csv b.csv --tau 0.5 -o out
    refused 2 '1\.1' fit a.csv b.csv --tau 1.1 -o out
    refused 2 'batch' fit a.csv b.csv --batch 0 -o out
    refused 2 'give one' fit a.csv b.csv --steps 10 --minutes 1 -o out
    refused 2 'minutes' fit a.csv b.csv --minutes 0 -o out
    refused 2 'budget' fit a.csv b.csv --budget 20 --batch 32 -o out
    refused 2 'activation|elu' fit a.csv b.csv --activation swish -o out
    refused 2 'second derivative' fit a.csv b.csv --activation relu --form potential -o out
    refused 2 'validation' fit a.csv b.csv --validation 0.9 -o out
    refused 1 'no-such-place' fit a.csv b.csv -o no-such-place/map.safetensors
    refused 1 'checkpoint' fit a.csv b.csv --resume -o out
    refused 2 'moons' sample mooons -n 5 -o out.csv
    refused 2 '0 points' sample moons -n 0 -o out.csv
}

test_map() {
    works fit a.csv b.csv "${tiny[@]}" --form dot_product --json -o map.safetensors
    check 'fit --json is one object' json_object
    local key
    for key in steps seconds cost_dual cost_map mismatch_before mismatch_after mismatch_gaussian mismatch_floor cycle_error map; do
        check "fit --json has $key" has_key "$key"
    done
    check 'no checkpoint is left' [ ! -e map.safetensors.checkpoint ]
    works fit a.csv b.csv "${tiny[@]}" --form dot_product -q -o again.safetensors
    check 'the same seed gives the same bytes' cmp map.safetensors again.safetensors
    works fit a.csv b.csv "${tiny[@]}" -o human.safetensors
    check 'the report names the mismatch' grep -q '^mismatch' stdout
    check 'the report has a verdict' grep -q '^verdict' stdout

    works apply map.safetensors a.csv -o moved.csv
    works apply map.safetensors moved.csv --inverse -o back.csv
    check 'apply keeps the rows' [ "$(wc -l <moved.csv)" = 120 ]
    check 'the way back ends near the start' near a.csv back.csv 0.5
    works apply map.safetensors a.csv
    check 'apply writes CSV to stdout' cmp stdout moved.csv
    "$enot" apply map.safetensors - <a.csv >piped.csv
    check 'apply reads CSV from stdin' cmp piped.csv moved.csv
    { echo 'alpha,beta'; cat a.csv; } >named.csv
    works apply map.safetensors named.csv -o named_moved.csv
    check 'apply keeps the header' grep -qx 'alpha,beta' named_moved.csv
    works apply map.safetensors a.csv -o moved.npy --json
    check 'apply --json is one object' json_object
    works apply map.safetensors measure:moons --rows 10
    check 'apply --rows' [ "$(wc -l <stdout)" = 10 ]

    works eval map.safetensors a.csv b.csv --json
    check 'eval --json is one object' json_object
    works info map.safetensors
    check 'info says the form' grep -q 'dot_product' stdout
    works info map.safetensors --json
    check 'info --json is one object' json_object
    works fit a.csv b.csv --minutes 0.002 --hidden 8 --batch 32 -q -o timed.safetensors
    works info timed.safetensors --json
    check 'a fit in a given time records it' grep -Eq '"minutes": 0.002' stdout
    works plot map.safetensors a.csv b.csv -o picture.png --json
    check 'plot --json is one object' json_object
    check 'the picture is there' [ -s picture.png ]
}

test_map_errors() {
    refused 1 'a.csv.*(safetensors|map)|(safetensors|map).*a.csv' apply a.csv b.csv -o out.csv
    refused 1 '3 columns.*dimension 2.*--columns' apply map.safetensors three.csv -o out.csv
    refused 1 '3 columns.*dimension 2.*--columns' plot map.safetensors three.csv b.csv -o out.png
    refused 1 'columns|dimension' eval map.safetensors three.csv b.csv
    refused 1 'line 6' apply map.safetensors text.csv -o out.csv
    refused 2 '--rows' apply map.safetensors measure:moons -o out.csv
    refused 1 'no-such-place' apply map.safetensors a.csv -o no-such-place/out.csv
    head -c 200 map.safetensors >cut.safetensors
    refused 1 'cut.safetensors' apply cut.safetensors a.csv -o out.csv
    sed 's/"format_version":"[0-9]*"/"format_version":"9"/' map.safetensors >newer.safetensors
    cmp -s map.safetensors newer.safetensors && fail 'newer map' 'the version was not found in the file'
    refused 1 'newer' apply newer.safetensors a.csv -o out.csv
}

test_measures() {
    works measures --json
    check 'measures --json is one object' json_object
    works costs --json
    check 'costs --json is one object' json_object
    works sample moons -n 50 --seed 1 -o moons.csv
    check 'sample writes n rows' [ "$(wc -l <moons.csv)" = 50 ]
    works sample measure:moons -n 50 --seed 1
    check 'sample: name and measure:name are the same' cmp stdout moons.csv
    works sample moons -n 20 --json -o moons.npy
    check 'sample --json is one object' json_object
    works fit measure:gaussian:dim=16 measure:gaussian:dim=16,mean=1 --smoothing 0 --steps 2 -o smooth.map
    works info smooth.map
    check 'maps that are said to be smooth are learned by SOAP' grep -q 'optimizer  *soap' stdout
    check 'and in 16 columns by 128 x 4' grep -q 'hidden  *128, 128, 128, 128$' stdout
    check 'in few columns by networks of ELU' grep -q 'activation  *elu' stdout
    works fit measure:gaussian:dim=32 measure:gaussian:dim=32,mean=1 --smoothing 0 --steps 2 -o smooth.map
    works info smooth.map
    check 'in many columns by networks of SiLU' grep -q 'activation  *silu' stdout
    check 'which begin with a smaller rate' grep -q 'learning rate  *0.007$' stdout
    works fit measure:gaussian:dim=256 measure:gaussian:dim=256,mean=1 --smoothing 0 --steps 2 -o smooth.map
    works info smooth.map
    check 'beyond 64 columns by networks of ELU again' grep -q 'activation  *elu' stdout
    check 'and beyond 128 at rates that fall as the columns grow' grep -q 'learning rate  *0.005$' stdout
    works sample gaussian:dim=97 -n 8000 -o wide.npy
    works sample gaussian:dim=97,mean=1 -n 8000 --seed 1 -o moved.npy
    works fit wide.npy moved.npy --steps 2 -o wide.map
    works info wide.map
    check 'large tables of many columns are learned by SOAP' grep -q 'optimizer  *soap' stdout
    check 'in batches of 1,024' grep -q 'batch  *1024' stdout
    works fit wide.npy moved.npy --columns 1-96 --steps 2 -o wide.map
    works info wide.map
    check 'those of 96 by Adam' grep -q 'optimizer  *adam' stdout
    works fit measure:moons measure:s_curve "${tiny[@]}" --json -o measures.safetensors
    check 'fit of measures --json is one object' json_object
    works fit measure:moons b.csv --columns 1-2 "${tiny[@]}" -q -o mixed.safetensors
}

# interrupted SIGNAL SECONDS ARGUMENTS...: starts fit ARGUMENTS, sends SIGNAL after SECONDS; sets code.
interrupted() {
    local name=$1 seconds=$2 fit
    shift 2
    "$enot" fit "$@" >stdout 2>stderr &
    fit=$!
    sleep "$seconds"
    kill "-$name" $fit 2>/dev/null
    wait $fit 2>/dev/null
    code=$?
}

test_interruption() {
    local code endless=(a.csv b.csv --steps 100000000 --patience 0 --hidden 8 --batch 32 -q -o endless.safetensors)
    interrupted TERM 0.7 "${endless[@]}"
    check "SIGTERM: exit code $code is 143" [ $code = 143 ]
    check 'SIGTERM: no map' [ ! -e endless.safetensors ]
    check 'SIGTERM: the state is kept' [ -s endless.safetensors.checkpoint ]
    check 'SIGTERM: says how to go on' grep -q '^enot fit --resume' stderr
    refused 1 'seed' fit "${endless[@]}" --resume --seed 7
    refused 1 'target data differ' fit a.csv a.csv --resume "${endless[@]:2}"
    interrupted INT 0.3 "${endless[@]}" --resume
    check "SIGINT: exit code $code is 130" [ $code = 130 ]
}

test_resumption() {
    local code fit=(a.csv b.csv --steps 4000 --patience 0 --hidden 16 --batch 64 -q)
    works fit "${fit[@]}" --threads 1 -o whole.safetensors
    interrupted KILL 0.15 "${fit[@]}" --threads 1 --checkpoint-every 0.02 -o parts.safetensors
    if [ -e parts.safetensors.checkpoint ]; then
        works fit "${fit[@]}" --threads 2 --resume -o parts.safetensors
    fi
    check 'a resumed fit ends with the same bytes' cmp whole.safetensors parts.safetensors
    check 'the checkpoint is gone' [ ! -e parts.safetensors.checkpoint ]
}

test_recolor() {
    works recolor "$data/ocean_day.jpg" "$data/ocean_sunset.jpg" --pixels 500 "${tiny[@]}" --json -o evening.png
    check 'recolor --json is one object' json_object
    works recolor evening.png "$data/ocean_sunset.jpg" --pixels 500 "${tiny[@]}" --space lab -o evening.jpg
    check 'recolor writes JPEG' [ "$(head -c 2 evening.jpg | od -An -tx1 | tr -d ' ')" = ffd8 ]
    refused 1 'absent.png' recolor absent.png evening.png -o out.png
    refused 1 'neither a JPEG nor a PNG' recolor a.csv evening.png -o out.png
    head -c 3000 evening.jpg >cut.jpg
    refused 1 'cut.jpg.*damaged' recolor cut.jpg evening.png -o out.png
    head -c 3000 evening.png >cut.png
    refused 1 'cut.png.*damaged' recolor cut.png evening.jpg -o out.png
}

test_bench() {
    local key step=(bench step --dim 3 --hidden 16,8 --batch 64 --seconds 0.1)
    "$enot" bench >stdout 2>stderr
    check 'bench alone: exit code 2' [ $? = 2 ]
    check 'bench alone: which benchmarks there are' grep -q '^  step ' stderr
    refused 2 'unknown benchmark "stp"; did you mean step' bench stp
    refused 2 'unknown option --widths' bench step --widths 8
    refused 2 'seconds: give more than 0' bench step --seconds 0
    refused 2 'dim' bench step --dim 0
    works "${step[@]}" --json --threads 1
    check 'bench step --json is one object' json_object
    for key in steps_per_second gemm_gflops fraction step_ms; do
        check "bench step: $key is a positive number" grep -Eq "\"$key\": [0-9.e+-]*[1-9]" stdout
    done
    check 'bench step: threads' grep -q '"threads": 1,' stdout
    check 'bench step: isa' grep -Eq '"isa": "(portable|avx2|avx512)"' stdout
    grep '"precision"' stdout >automatic
    works "${step[@]}" --json --precision bf16
    grep '"precision"' stdout | sed 's/bf16-emulated/f32/' >fast
    check 'bench step: bf16 by itself unless it is emulated' cmp automatic fast
    works "${step[@]}" --json --precision f32
    check 'bench step: precision' grep -q '"precision": "f32"' stdout
    works "${step[@]}" --form vector_field --cost cosine
    check 'bench step says what fraction counts' grep -q '^fraction .*12 \* 2 \* batch' stdout
    test_bench_conv
    refused 2 'FILE is missing' bench w2
    refused 1 'absent.safetensors' bench w2 absent.safetensors
    test_bench_picture
    test_bench_w2 "${ENOT_SHARED:-$here/../../shared}/w2bench/mix3to10_002.safetensors"
}

test_bench_conv() {
    local key conv=(bench conv --image-size 8 --width 16 --depth 1 --filters 16 --halvings 1 --batch 4 --seconds 0.1)
    refused 2 'seconds: give more than 0' bench conv --seconds 0
    refused 2 'cannot be halved 3 times' bench conv --image-size 12
    works "${conv[@]}" --json --threads 1
    check 'bench conv --json is one object' json_object
    for key in steps_per_second step_ms step_gflops convolution_ms convolution_gflops fraction; do
        check "bench conv: $key is a positive number" grep -Eq "\"$key\": [0-9.e+-]*[1-9]" stdout
    done
    check 'bench conv: threads' grep -q '"threads": 1,' stdout
    works "${conv[@]}"
    check 'bench conv says what fraction is' grep -q "^fraction .*convolutions' time alone" stdout
}

png_file() { [ "$(head -c 4 "$1" | tail -c 3)" = PNG ]; }

# What is wrong is said before any training: the pair is not even opened.
test_bench_picture() {
    echo '[{"dim": 2, "method": "other", "history": [{"seconds": 0, "uvp_forward": 14}, {"seconds": 3, "uvp_forward": 0.2},
        {"seconds": 5, "uvp_forward": null}]}, {"dim": 300, "history": []}]' >earlier.json
    echo '[{"dim": 2}]' >incomplete.json
    refused 2 'must end in .png' bench w2 absent.safetensors --plot out.gif
    refused 1 'no-such-place' bench w2 absent.safetensors --plot no-such-place/out.png
    refused 2 'give --plot' bench w2 absent.safetensors --compare earlier.json
    refused 1 'absent.json' bench w2 absent.safetensors --plot out.png --compare absent.json
    refused 1 'a.csv.*--json' bench w2 absent.safetensors --plot out.png --compare a.csv
    refused 1 'incomplete.json.*history' bench w2 absent.safetensors --plot out.png --compare earlier.json --compare incomplete.json
    works bench w2 --plot alone.png --compare earlier.json
    check 'bench w2 draws earlier results alone' png_file alone.png
}

test_bench_w2() {
    if [ ! -r "$1" ]; then
        echo "skipped: $1 is absent"
        return
    fi
    works bench w2 "$1" "$1" --budget 10240 --hidden 8 --batch 512 --json
    check 'bench w2 --json is an array of one object a file' [ "$(grep -c '"dim": 2' stdout)" = 2 ]
    for key in uvp_forward uvp_inverse cosine steps samples seconds; do
        check "bench w2: $key is there" grep -q "\"$key\": [0-9]" stdout
    done
    check 'bench w2 --json: the recipe' grep -q '"recipe": "auto"' stdout
    cp stdout results.json
    works bench w2 "$1" --steps 20 --hidden 8 --plot curves.png --compare results.json --compare earlier.json
    check 'bench w2 says where the picture is' grep -q '^picture in curves.png' stdout
    check 'bench w2: the picture is there' png_file curves.png
    refused 2 'give one' bench w2 "$1" --steps 2 --budget 10240 --quiet
    works bench w2 "$1" --recipe paper --minutes 0.001 --hidden 8
    check 'bench w2: minutes are kept, not the 200,000 steps of the paper' awk '$1 ~ /^[0-9]+$/ { n = $1 } END { exit !(n < 10000) }' stdout
    works bench w2 "$1" --recipe paper --steps 2 --hidden 8
    check 'bench w2 says what was published' grep -q '^published UVP .*ENOT 0.02' stdout
    works bench w2 "$1" --recipe paper --steps 2 --hidden 8 --method monge-gap --json
    check 'bench w2 --json: the method' grep -q '"method": "monge-gap"' stdout
    check 'bench w2 --json: no way back' grep -q '"uvp_inverse": null' stdout
    test_joined_pair "$1"
}

# Of two pairs side by side the cost is the sum of theirs, .654 each.
test_joined_pair() {
    command -v python3 >/dev/null || return
    python3 "$here/../bench/w2_join.py" "$1" "$1" -o joined.safetensors
    works bench w2 joined.safetensors --steps 0 --json
    check 'a joined pair has both dimensions' grep -q '"dim": 4' stdout
    check 'a joined pair costs what both cost' awk -F: '/"w2_squared"/ { cost = $2 + 0 } END { exit !(cost > 1.25 && cost < 1.37) }' stdout
}

# report_says KEY PATTERN: of the report in the directory results.
report_says() { grep -Eq "^  \"$1\": $2,?$" results/report.json; }

test_tutorial() {
    local name names='squares rings moons moons_pnorm moons_euclidean sphere' number='-?[0-9]+\.[0-9e+-]+'
    works tutorial
    check 'tutorial alone lists the names' [ "$(awk '/^[a-z]/ { printf "%s ", $1 }' stdout)" = "$names " ]
    works tutorial --json
    check 'tutorial --json is one object' json_object
    refused 2 'unknown tutorial "sqares"; did you mean squares' tutorial sqares -o out
    refused 2 'enot tutorial. lists them' tutorial cappuccino -o out
    refused 2 'NAME is missing' tutorial -o out
    refused 2 '-o DIR is missing' tutorial squares
    refused 2 'moons. is one argument too many' tutorial squares moons -o out
    refused 1 'no-such-place/out.*cannot make' tutorial squares -o no-such-place/out
    refused 1 'a.csv.*cannot make' tutorial squares -o a.csv
    refused 2 '\.5' tutorial squares --tau 0.5 -o out
    for name in $names; do
        rm -rf results
        works tutorial "$name" "${tiny[@]}" --steps 50 --json -o results
        check "tutorial $name --json is what report.json holds" cmp stdout results/report.json
        check "tutorial $name: the picture" png_file results/map.png
        check "tutorial $name: a number for the dual" report_says cost_dual "$number"
        check "tutorial $name: its name" report_says name "\"$name\""
        works info results/map.safetensors
    done
    check 'sphere has no reference' report_says reference_difference null
    works tutorial moons "${tiny[@]}" -o results
    check 'tutorial overwrites what an earlier run left' report_says reference_dual '5\.11'
    check 'how far the dual is from the reference' report_says reference_difference "$number"
    check 'the same for a person' grep -q '^reference  *5.11 .*%$' stdout
    check 'nothing else is left there' [ "$(ls results | tr '\n' ' ')" = 'map.png map.safetensors report.json ' ]
    works tutorial moons "${tiny[@]}" --cost euclidean -q -o results
    check 'the reference is left out under another cost' report_says reference_dual null
    check 'tutorial -q says nothing' [ ! -s stdout ]
}

test_images() {
    local small=(--steps 4 --unet-width 4 --critic-filters 4 --batch 4 --threads 1)
    idx 40 1 >a.idx
    idx 50 5001 >b-ubyte
    works fit a.idx b-ubyte "${small[@]}" --flip --preview preview.png -o images.map
    check 'fit says what memory it will take' grep -q 'MB of memory' stderr
    check 'fit --preview draws' png_file preview.png
    check 'the report has Frechet distances' grep -q '^Frechet ' stdout
    works info images.map
    check 'info: the size of the images' grep -q '8, 8, 1' stdout
    works eval images.map a.idx b-ubyte --json
    for key in frechet_before frechet_after frechet_floor squared_change mismatch_after; do check "eval --json: $key" has_key $key; done
    works grid images.map a.idx b-ubyte --rows 3 -o grid.png
    check 'grid draws' png_file grid.png
    rm -rf moved again.npy folder.map
    works apply images.map a.idx -o moved
    check 'apply writes an image for each' [ "$(ls moved | wc -l)" = 40 ]
    works apply images.map moved --rows 7 --json -o again.npy
    check 'apply --rows of images' grep -q '"rows": 7' stdout
    check 'apply writes .npy' [ "$(head -c 6 again.npy | tail -c 5)" = NUMPY ]
    works fit moved b-ubyte "${small[@]}" --image-size 16 --cost cosine -o folder.map
    works eval folder.map moved b-ubyte
    works eval images.map a.idx b-ubyte --image-size 8
    check 'a person reads how far images move' grep -q '^squared change' stdout
    coloured 40 >coloured.npy
    works fit a.idx coloured.npy --image-size 8 "${small[@]}" -o coloured.map
    works eval coloured.map a.idx b-ubyte
    works apply coloured.map a.idx -o grey.npy
    refused 1 'with 3 channels, but the map moves 8 x 8 with 1' apply images.map coloured.npy -o out.npy

    echo broken >moved/bad.png
    refused 1 'bad.png' fit moved b-ubyte "${small[@]}" -o out
    works fit moved b-ubyte "${small[@]}" --skip-bad -o skipped.map
    check '--skip-bad names what it skipped' grep -q 'skipped .*bad.png' stderr
    refused 1 'bad.png' apply images.map moved -o out.npy
    refused 2 '-o OUT is missing' apply images.map a.idx
    refused 1 'not empty|exists' apply images.map a.idx -o moved
    refused 2 'no reverse' apply images.map a.idx --inverse -o out
    refused 1 '8 x 8' eval images.map a.idx b-ubyte --image-size 4
    refused 1 'one side has images|a.csv' fit a.csv b-ubyte "${small[@]}" -o out
    refused 1 'images, and the samples are tables' fit a.csv b.csv "${tiny[@]}" --preview out.png -o out
    refused 2 'are for images' fit a.csv b.csv "${tiny[@]}" --flip -o out
    refused 2 'no use for hidden' fit a.idx b-ubyte "${tiny[@]}" -o out
    refused 2 'cannot be halved' fit a.idx b-ubyte "${small[@]}" --unet-depth 4 -o out
    refused 1 'enot grid' plot images.map a.idx b-ubyte -o out.png
    refused 2 '-o PNG is missing' grid images.map a.idx b-ubyte
    works fit a.csv b.csv "${tiny[@]}" -o table.map
    refused 1 'one of tables' grid table.map a.idx b-ubyte -o out.png
    refused 1 'one of tables|tables' eval table.map a.idx b-ubyte
}

for test in ${2:-usage tables binary_files options map map_errors measures interruption resumption recolor images bench tutorial}; do
    "test_$test"
done
echo "$cases cases, $failures failed"
[ $failures = 0 ]
